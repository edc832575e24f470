from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import TenantModel, Versioned
from tenants.errors import Conflict
from tenants.models import stored


class StillRunning(Conflict):
    """This has not ended yet. It can be undone as soon as it has."""

    code = "still_running"


class BulkState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    """Whoever began it may no longer do such things; what was done until then can be undone."""

    CANCELLED = "cancelled"
    """Somebody thought better of it; what was done until then can be undone."""

    UNDOING = "undoing"
    UNDONE = "undone"


class BulkChange(Versioned):
    """One thing done with many records. Its id follows from what was sent, so that sending twice is doing once."""

    __tablename__ = "bulk_changes"
    __table_args__ = (Index("ix_bulk_changes_latest", "created_at", "id"),)

    entity: Mapped[str]
    action: Mapped[str]
    argument: Mapped[str]
    wanted: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What the list was asked for, where all that is found is meant: words, filters."""

    state: Mapped[BulkState] = mapped_column(stored(BulkState), default=BulkState.RUNNING)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    place: Mapped[str | None]
    """Where in the list the next chunk begins."""

    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    def advance(self, *, seen: int, changed: int, place: str | None) -> None:
        self.done += seen
        self.changed += changed
        self.place = place
        if place is None:
            self.state = BulkState.DONE

    def begin_undo(self) -> None:
        """Raises StillRunning."""
        if self.state is BulkState.RUNNING:
            raise StillRunning
        if self.has_ended:
            self.state = BulkState.UNDOING

    def cancel(self) -> None:
        """What is not done is not done; what has ended stays as it ended."""
        if self.state is BulkState.RUNNING:
            self.state = BulkState.CANCELLED

    @property
    def has_ended(self) -> bool:
        """And can be undone."""
        return self.state in (BulkState.DONE, BulkState.STOPPED, BulkState.CANCELLED)


class BulkChunk(TenantModel):
    """Which records were changed: those that were so before are not among them."""

    __tablename__ = "bulk_chunks"
    __table_args__ = (
        Index(None, "bulk_change_id"),
        {"info": {"unrecorded": "The journal tells of each of these records itself."}},
    )

    bulk_change_id: Mapped[UUID] = mapped_column(ForeignKey("bulk_changes.id"))
    record_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    undone: Mapped[bool] = mapped_column(default=False)
