"""Business time: when a firm works, and when so many minutes of it have passed.

A day has any number of intervals of wall time; each is turned into UTC for itself, so that what lies across the change
of clocks has the length it had. Elapsed time is counted in UTC.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from tenants.errors import Invalid

Minutes = Sequence[Sequence[int]]
"""(first, last) minutes since midnight, the last exclusive; 1440 is midnight, and more belongs to the next morning."""

MINUTES_A_DAY = 1440
DAYS_A_WEEK = 7
NINE_TO_FIVE: Sequence[Minutes] = (*([((9 * 60, 17 * 60),)] * 5), (), ())

_LONGEST = 3660
"""Days: whoever never works shall not be waited for for ever."""


class NeverOpen(ValueError):
    """No moment of the coming ten years lies in these business hours."""


class UnreadableHours(Invalid):
    """The business hours cannot be understood."""

    code = "hours_unreadable"


def from_stored(*, week: Any, region: Any, exceptions: Any, zone: ZoneInfo) -> Hours:
    """Raises UnreadableHours."""
    try:
        days = [_spans(day) for day in week]
        closed = {date.fromisoformat(day): _spans(spans) for day, spans in exceptions.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise UnreadableHours from error
    if len(days) != DAYS_A_WEEK or not isinstance(region, str):
        raise UnreadableHours
    return Hours(zone=zone, week=days, region=region, exceptions=closed)


def _spans(written: Any) -> Minutes:
    """Raises TypeError, ValueError."""
    spans = [(first, last) for first, last in written]
    if any(type(minute) is not int for span in spans for minute in span):
        raise TypeError
    if any(not 0 <= first < last <= 2 * MINUTES_A_DAY for first, last in spans):
        raise ValueError
    return spans


@dataclass(frozen=True, kw_only=True)
class Hours:
    zone: ZoneInfo
    week: Sequence[Minutes] = NINE_TO_FIVE
    region: str = ""
    exceptions: Mapping[date, Minutes] = field(default_factory=dict)

    def open_on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The spans of a day, in UTC."""
        for first, last in self._minutes(day):
            since, until = self._moment(day, first), self._moment(day, last)
            if until > since:
                yield since, until

    def _minutes(self, day: date) -> Minutes:
        if day in self.exceptions:
            return self.exceptions[day]
        return () if self.region and day in public_holidays(self.region, day.year) else self.week[day.weekday()]

    def _moment(self, day: date, minute: int) -> datetime:
        days, minute = divmod(minute, MINUTES_A_DAY)
        written = datetime.combine(day + timedelta(days=days), time(*divmod(minute, 60)), self.zone)
        moment = written.astimezone(UTC)
        return moment if moment.astimezone(self.zone) == written else self._leap(written)

    def _leap(self, written: datetime) -> datetime:
        """A time that clocks leave out is the moment at which they go forward."""
        # By the offset that comes (PEP 495: fold) it lies before that moment, by the one that goes behind it.
        coming = written.replace(fold=1)
        before, behind = coming.astimezone(UTC), written.astimezone(UTC)
        minutes = range((behind - before) // timedelta(minutes=1))

        def has_come(minute: int) -> bool:
            return (before + timedelta(minutes=minute)).astimezone(self.zone).utcoffset() == coming.utcoffset()

        return before + timedelta(minutes=bisect_left(minutes, True, key=has_come))

    def after(self, start: datetime, *, minutes: int) -> datetime:
        """The moment at which so many minutes of business time have passed.

        Raises NeverOpen.
        """
        left, now = timedelta(minutes=minutes), start.astimezone(UTC)
        # Hours over midnight belong to the day before.
        first = start.astimezone(self.zone).date() - timedelta(days=1)
        for number in range(_LONGEST):
            for since, until in self.open_on(first + timedelta(days=number)):
                begin = max(since, now)
                if until - begin >= left:
                    return begin + left
                left -= max(until - begin, timedelta())
                # A morning can belong to a night and to its own day.
                now = max(now, until)
        raise NeverOpen

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much business time lies between two moments."""
        day, end = since.astimezone(self.zone).date() - timedelta(days=1), until.astimezone(self.zone).date()
        spent = timedelta()
        while day <= end:
            for opens, closes in self.open_on(day):
                spent += max(min(closes, until) - max(opens, since), timedelta())
                since = max(since, closes)
            day += timedelta(days=1)
        return spent


@lru_cache(maxsize=512)
def public_holidays(region: str, year: int) -> frozenset[date]:
    """Of a country, DE, or of a part of it, DE-BY. December 24 and 31 are none by law; a firm says them itself. A
    country that nobody knows has none.
    """
    country, _, part = region.partition("-")
    return frozenset(calendar(country, subdiv=part or None, years=year) or ())


def calendar(country: str, **asked: Any) -> holidays.HolidayBase | None:
    """As the library says it; None for a country, or a part of one, that it does not know."""
    try:
        return holidays.country_holidays(country, **asked)
    except NotImplementedError:
        return None
