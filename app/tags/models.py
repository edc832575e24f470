from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import TenantModel, Versioned


class Tag(Versioned):
    """A word that records carry. Capitals make no other word of it."""

    __tablename__ = "tags"
    __table_args__ = (Index("ix_tags_name_key", "name_key", unique=True, postgresql_where=text("deleted_at IS NULL")),)

    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(String(collation="C"))
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("tags.id"))
    """The tag that has taken its place."""

    def rename(self, name: str) -> None:
        self.name, self.name_key = name, key_of(name)


class Tagging(TenantModel):
    """A record of any kind carries a tag, so ``record_id`` has no foreign key."""

    __tablename__ = "taggings"
    __table_args__ = (UniqueConstraint("tag_id", "record_id"), Index("ix_taggings_record_id", "record_id"))

    tag_id: Mapped[UUID] = mapped_column(ForeignKey("tags.id"))
    kind: Mapped[str]
    record_id: Mapped[UUID]
    deleted_at: Mapped[datetime | None]
    merged_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("tags.id"))
    """The merged tag from which the record has this one."""


def key_of(name: str) -> str:
    """The same for names that differ in capitals only."""
    return name.casefold()
