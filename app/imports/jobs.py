from __future__ import annotations

from uuid import UUID

from app.imports import chunks, intake, undoing
from tenants.jobs import job, later


@job
def read_list(*, import_id: str, sheet: str) -> None:
    intake.read(UUID(import_id), sheet=sheet)


@job
def import_rows(*, import_id: str) -> None:
    """One chunk; the next one is put off in the same transaction, so a chain of chunks never breaks."""
    if chunks.import_next(UUID(import_id)):
        later(import_rows, import_id=import_id)


@job
def undo_import(*, import_id: str) -> None:
    """The same, backwards."""
    if undoing.undo_next(UUID(import_id)):
        later(undo_import, import_id=import_id)
