"""When a task that repeats is due again."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from app.activities.models import Repeats

_DECEMBER = 12


def next_day(day: date, repeats: Repeats, *, counted_from: int) -> date:
    """One period after ``day``. ``counted_from`` is the day of the month that was chosen first: what had to be earlier
    in a short month is on that day again as soon as the month has one.
    """
    match repeats:
        case Repeats.DAILY:
            return day + timedelta(days=1)
        case Repeats.WEEKLY:
            return day + timedelta(weeks=1)
        case Repeats.MONTHLY:
            year, month = (day.year, day.month + 1) if day.month < _DECEMBER else (day.year + 1, 1)
            return _on(year, month, counted_from)
        case Repeats.YEARLY:
            return _on(day.year + 1, day.month, counted_from)


def _on(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
