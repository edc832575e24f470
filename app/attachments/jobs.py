from __future__ import annotations

from uuid import UUID

from app.attachments import previews
from tenants.jobs import job


@job
def make_preview(*, attachment_id: str) -> None:
    previews.make(UUID(attachment_id))
