from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.complaints.models import ComplaintState, Priority
from app.core.fields import Field, FieldKind, Values, schema_of

CLOSE_OF_BUSINESS = time(17)
PATIENCE = {Priority.HIGH: 1, Priority.NORMAL: 3, Priority.LOW: 5}
"""Working days until a complaint is due, where nobody says otherwise."""

_SATURDAY = 5

PRIORITIES = ((Priority.NORMAL, _l("Normal")), (Priority.HIGH, _l("High")), (Priority.LOW, _l("Low")))
STATES = (
    (ComplaintState.OPEN, _l("Pending")),
    (ComplaintState.IN_WORK, _l("In work")),
    (ComplaintState.SETTLED, _l("Settled")),
)

WHAT = Field(name="what", label=_l("What is wrong?"), required=True, limit=200)
FROM = Field(name="from_whom", label=_l("From whom"), limit=300)
DETAILS = Field(name="details", label=_l("Details"), kind=FieldKind.LONG_TEXT, limit=20_000)
PRIORITY = Field(name="priority", label=_l("Priority"), kind=FieldKind.CHOICE, options=PRIORITIES)
STATE = Field(name="state", label=_l("State"), kind=FieldKind.CHOICE, options=STATES)
DUE_DAY = Field(name="due_day", label=_l("Due on"), limit=10)
DUE_TIME = Field(name="due_time", label=_l("Due at"), limit=8)
ASSIGNEE = Field(name="assignee_id", label=_l("Assigned to"), limit=36)
HOW = Field(name="settled_how", label=_l("How was it settled?"), kind=FieldKind.LONG_TEXT, required=True, limit=20_000)


def moment_can_be_told(values: Values) -> dict[str, list[str]]:
    """A day, or a day with a time; neither means: as usual."""
    day, hour = values.get("due_day"), values.get("due_time")
    if hour and not day:
        return {"due_day": [gettext("Please choose the day too.")]}
    if day and _day(day) is None:
        return {"due_day": [gettext("This is not a date.")]}
    if hour and _time(hour) is None:
        return {"due_time": [gettext("This is not a time.")]}
    return {}


SCHEMA = schema_of((WHAT, FROM, DETAILS, PRIORITY, DUE_DAY, DUE_TIME, ASSIGNEE), rule=moment_can_be_told)
SETTLEMENT = schema_of((HOW,))


def due_moment(values: Values, *, zone: ZoneInfo) -> datetime | None:
    """From values that are checked: the moment where the tenant lives, or None where nothing was entered."""
    day = _day(values.get("due_day") or "")
    if day is None:
        return None
    return datetime.combine(day, _time(values.get("due_time") or "") or CLOSE_OF_BUSINESS, tzinfo=zone)


def usual_due(priority: Priority, *, entered: datetime) -> datetime:
    """At the close of business some working days after a local moment."""
    day = entered.date()
    for _ in range(PATIENCE[priority]):
        day += timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
    return datetime.combine(day, CLOSE_OF_BUSINESS, tzinfo=entered.tzinfo)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _time(written: str) -> time | None:
    try:
        return time.fromisoformat(written).replace(tzinfo=None)
    except ValueError:
        return None
