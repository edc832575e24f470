"""Months as tenants live through them: half open, from midnight to midnight in their own zone. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

_DECEMBER = 12
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """``since <= day < until``"""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> Month:
        """ "2026-11". Raises ValueError."""
        first = date.fromisoformat(f"{text}-01")
        return cls(first.year, first.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def since(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def until(self) -> date:
        return self.next.since

    @property
    def next(self) -> Month:
        return Month(self.year + 1, 1) if self.month == _DECEMBER else Month(self.year, self.month + 1)

    @property
    def previous(self) -> Month:
        return Month.of(self.since - _DAY)

    @property
    def length(self) -> int:
        return (self.until - self.since).days

    def days(self) -> Iterator[date]:
        return (self.since + number * _DAY for number in range(self.length))

    def begins(self, zone: ZoneInfo) -> datetime:
        return midnight(self.since, zone)

    def ends(self, zone: ZoneInfo) -> datetime:
        """Exclusive."""
        return midnight(self.until, zone)

    def elapsed(self, now: datetime, zone: ZoneInfo) -> Decimal:
        """How much of it is over, from 0 to 1."""
        begins, ends = self.begins(zone), self.ends(zone)
        within = min(max(now, begins), ends) - begins
        return Decimal(within // timedelta(seconds=1)) / Decimal((ends - begins) // timedelta(seconds=1))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins there, in UTC; where the clocks leave midnight out, with the first moment after it."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
