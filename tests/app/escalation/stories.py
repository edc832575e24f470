"""What happens in a firm that somebody must know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.complaints import actions
from app.complaints import queries as complaints
from app.complaints.actions import Draft
from app.complaints.models import Complaint
from tenants import clock
from tests.firms import Firm

BERLIN = ZoneInfo("Europe/Berlin")


def at(*when: int) -> None:
    """It is this moment in Berlin."""
    away = datetime(*when, tzinfo=BERLIN).astimezone(UTC) - datetime.now(UTC)  # type: ignore[arg-type, misc]
    clock.travel_with(lambda: away)


def complain(firm: Firm, *, what: str = "The pump leaks.", **said: object) -> UUID:
    """The owner enters a complaint."""
    with firm.work():
        return actions.enter(Draft(what=what, **said), at=clock.now())  # type: ignore[arg-type]


def give(firm: Firm, complaint_id: UUID, *, to: UUID) -> None:
    touch(firm, complaint_id, lambda found: setattr(found, "assignee_id", to))


def touch(firm: Firm, complaint_id: UUID, change: Callable[[Complaint], object]) -> None:
    with firm.work():
        change(complaints.complaint(complaint_id))
