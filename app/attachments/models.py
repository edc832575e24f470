from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.entities import EntityRef
from tenants.db import Versioned


class Attachment(Versioned):
    """A file on a record of any kind, so ``record_id`` has no foreign key."""

    __tablename__ = "attachments"
    __table_args__ = (Index(None, "record_id", "created_at"),)

    kind: Mapped[str]
    record_id: Mapped[UUID]
    name: Mapped[str]
    """Cleaned, so that every computer can keep the file by it."""

    mime: Mapped[str]
    """What its content is, not what somebody said of it."""

    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id"))
    preview_id: Mapped[UUID | None] = mapped_column(ForeignKey("files.id"))
    """A small picture of an image that could be read whole."""

    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    @property
    def ref(self) -> EntityRef:
        return EntityRef(self.kind, self.record_id)
