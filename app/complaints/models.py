from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import keys
from tenants.db import Versioned
from tenants.errors import Conflict
from tenants.models import stored

_SEARCHED = 2000
"""Characters of the details that a search looks at."""

_LATEST = 10**11
"""Seconds; later than any moment, so that what was settled last comes first."""


class AlreadyAcknowledged(Conflict):
    """Somebody has acknowledged this complaint already."""

    code = "complaint_already_acknowledged"


class NotAcknowledged(Conflict):
    """Nobody is at work on this complaint, so nothing can be taken back."""

    code = "complaint_not_acknowledged"


class AlreadySettled(Conflict):
    """This complaint is settled; reopen it to go on with it."""

    code = "complaint_already_settled"


class NotSettled(Conflict):
    """This complaint is not settled, so it cannot be reopened."""

    code = "complaint_not_settled"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class ComplaintState(StrEnum):
    OPEN = "open"
    IN_WORK = "in_work"
    SETTLED = "settled"


class Complaint(Versioned):
    """Something that a customer is not content with, and what became of it."""

    __tablename__ = "complaints"
    __table_args__ = (
        CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled"),
        Index("ix_complaints_sort", "sort_key", "id", postgresql_where=text("deleted_at IS NULL")),
        Index("ix_complaints_recent", "updated_at", "id", postgresql_where=text("deleted_at IS NULL")),
        Index(
            "ix_complaints_search",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
        Index(None, "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
        Index(None, "company_id", postgresql_where=text("company_id IS NOT NULL")),
        Index(None, "assignee_id", postgresql_where=text("assignee_id IS NOT NULL")),
    )

    number: Mapped[str] = mapped_column(String(collation="C"), unique=True)
    """As people say it: R-2026-0001."""

    what: Mapped[str]
    """In one line."""

    details: Mapped[str | None]
    priority: Mapped[Priority] = mapped_column(stored(Priority))
    due: Mapped[datetime]
    """Until when the customer shall have an answer."""

    state: Mapped[ComplaintState] = mapped_column(stored(ComplaintState), default=ComplaintState.OPEN)
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contacts.id"))
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    acknowledged_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    acknowledged_at: Mapped[datetime | None]
    settled_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    settled_at: Mapped[datetime | None]
    settled_how: Mapped[str | None]
    display_name: Mapped[str] = mapped_column(Computed("number || ' ' || what", persisted=True))
    sort_key: Mapped[str] = mapped_column(String(collation="C"))
    """What is not settled comes first, what is due soonest before all; then what was settled last."""

    search_text: Mapped[str] = mapped_column(String(collation="C"))

    def describe(self, *, what: str, details: str | None, priority: Priority, due: datetime) -> None:
        self.what, self.details, self.priority, self.due = what, details, priority, due
        self.search_text = found_by(self.number, what, details)
        self._take_place()

    def acknowledge(self, *, by: UUID | None, at: datetime) -> None:
        """Somebody is at work on it from now on; where nobody was named to do it, that person is.

        Raises AlreadyAcknowledged, AlreadySettled.
        """
        self._refuse_settled()
        if self.state is ComplaintState.IN_WORK:
            raise AlreadyAcknowledged
        self.state, self.acknowledged_by_id, self.acknowledged_at = ComplaintState.IN_WORK, by, at
        self.assignee_id = self.assignee_id or by

    def withdraw_acknowledgement(self) -> None:
        """Raises NotAcknowledged, AlreadySettled."""
        self._refuse_settled()
        if self.state is not ComplaintState.IN_WORK:
            raise NotAcknowledged
        self.state, self.acknowledged_by_id, self.acknowledged_at = ComplaintState.OPEN, None, None

    def settle(self, *, how: str, by: UUID | None, at: datetime) -> None:
        """Raises AlreadySettled."""
        self._refuse_settled()
        self.state, self.settled_how, self.settled_by_id, self.settled_at = ComplaintState.SETTLED, how, by, at
        self._take_place()

    def tell_settlement(self, *, how: str) -> None:
        """In other words than when it was settled.

        Raises NotSettled.
        """
        if self.state is not ComplaintState.SETTLED:
            raise NotSettled
        self.settled_how = how

    def reopen(self) -> None:
        """It stands again as it stood before it was settled.

        Raises NotSettled.
        """
        if self.state is not ComplaintState.SETTLED:
            raise NotSettled
        self.state = ComplaintState.IN_WORK if self.acknowledged_at else ComplaintState.OPEN
        self.settled_how = self.settled_by_id = self.settled_at = None
        self._take_place()

    def is_overdue(self, *, at: datetime) -> bool:
        return is_overdue(self.state, self.due, at=at)

    def _refuse_settled(self) -> None:
        if self.state is ComplaintState.SETTLED:
            raise AlreadySettled

    def _take_place(self) -> None:
        self.sort_key = place(due=self.due, settled_at=self.settled_at)


def is_overdue(state: ComplaintState, due: datetime, *, at: datetime) -> bool:
    return state is not ComplaintState.SETTLED and due < at


def place(*, due: datetime, settled_at: datetime | None) -> str:
    if settled_at is None:
        return f"0 {int(due.timestamp()):011}"
    return f"1 {_LATEST - int(settled_at.timestamp()):011}"


def found_by(number: str, what: str, details: str | None) -> str:
    return keys.search_text([number, keys.digits(number), what, (details or "")[:_SEARCHED]])
