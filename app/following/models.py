from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import TenantModel


class Follow(TenantModel):
    """A user wants to hear of a record of any kind, so ``record_id`` has no foreign key."""

    __tablename__ = "follows"
    __table_args__ = (UniqueConstraint("user_id", "record_id"), Index("ix_follows_record_id", "record_id"))

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]
    record_id: Mapped[UUID]
