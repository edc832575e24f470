from __future__ import annotations

from uuid import UUID

from app.selection import chunks
from tenants.jobs import job, later


@job
def go_on(*, change_id: str) -> None:
    """One chunk; the next one is put off in the same transaction, so a chain of chunks never breaks."""
    if chunks.go_on(UUID(change_id)):
        later(go_on, change_id=change_id)


@job
def go_back(*, change_id: str) -> None:
    if chunks.go_back(UUID(change_id)):
        later(go_back, change_id=change_id)
