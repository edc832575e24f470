from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import TenantModel, Versioned
from tenants.models import stored


class ActivityKind(StrEnum):
    NOTE = "note"
    CALL = "call"


class Activity(Versioned):
    """Something that happened with somebody, in the words of the person who was there."""

    __tablename__ = "activities"
    __table_args__ = (Index("ix_activities_latest", "at", "id", postgresql_where=text("deleted_at IS NULL")),)

    kind: Mapped[ActivityKind] = mapped_column(stored(ActivityKind))
    at: Mapped[datetime]
    body: Mapped[str]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class Link(TenantModel):
    """An activity is about a record of any kind, so ``record_id`` has no foreign key."""

    __tablename__ = "links"
    __table_args__ = (
        UniqueConstraint("activity_id", "record_id"),
        Index("ix_links_record_id_at", "record_id", "at", "activity_id"),
    )

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activities.id"))
    kind: Mapped[str]
    record_id: Mapped[UUID]
    at: Mapped[datetime]
    """The activity's own time, kept here so that a timeline is read from one index."""
