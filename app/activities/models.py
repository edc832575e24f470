from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import TenantModel, Versioned
from tenants.models import stored


class ActivityKind(StrEnum):
    NOTE = "note"
    CALL = "call"
    MEETING = "meeting"
    EMAIL = "email"
    TASK = "task"


class Repeats(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"


class Activity(Versioned):
    """Something that happened with somebody, in the words of the person who was there; or, as a task, that is to
    be done. The columns from ``assignee_id`` on are those of tasks.
    """

    __tablename__ = "activities"
    __table_args__ = (
        Index("ix_activities_latest", "at", "id", postgresql_where=text("deleted_at IS NULL")),
        Index(
            "ix_activities_open_tasks",
            "assignee_id",
            "due_on",
            postgresql_where=text("kind = 'task' AND done_at IS NULL AND deleted_at IS NULL"),
        ),
        Index("ix_activities_done_tasks", "done_at", "id", postgresql_where=text("done_at IS NOT NULL")),
        Index("ix_activities_follows_id", "follows_id", postgresql_where=text("follows_id IS NOT NULL")),
    )

    kind: Mapped[ActivityKind] = mapped_column(stored(ActivityKind))
    at: Mapped[datetime]
    body: Mapped[str]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    due_on: Mapped[date | None]
    due_time: Mapped[time | None]
    """On the tenant's own clocks, on the day on which the task is due."""

    repeats: Mapped[Repeats | None] = mapped_column(stored(Repeats))
    repeat_day: Mapped[int | None]
    """The day of the month from which repetitions count: January 31 comes back in March, whatever February did."""

    done_at: Mapped[datetime | None]
    done_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    follows_id: Mapped[UUID | None] = mapped_column(ForeignKey("activities.id"))
    """The task of which this one is the repetition."""

    def tick(self, *, at: datetime, by: UUID | None) -> None:
        self.done_at, self.done_by_id = at, by

    def reopen(self) -> None:
        self.done_at = self.done_by_id = None


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


class Mention(TenantModel):
    """Somebody of the firm is named in the text of an activity, and is to read it."""

    __tablename__ = "mentions"
    __table_args__ = (UniqueConstraint("activity_id", "user_id"), Index("ix_mentions_user_id_id", "user_id", "id"))

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activities.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    read_at: Mapped[datetime | None]
