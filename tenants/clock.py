"""The only place that asks for the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from tenants.context import current_scope


def _no_offset() -> timedelta:
    return timedelta()


_offset: Callable[[], timedelta] = _no_offset


def now() -> datetime:
    return datetime.now(UTC) + _offset()


def today() -> date:
    """Today, where the tenant lives."""
    return local(now()).date()


def zone() -> ZoneInfo:
    """Where the tenant lives."""
    return ZoneInfo(current_scope().timezone)


def local(moment: datetime) -> datetime:
    """A moment as the tenant's own clocks show it."""
    return moment.astimezone(zone())


def travel_with(offset: Callable[[], timedelta]) -> None:
    """Tests only: let every process of one product share an offset that a scenario moves."""
    global _offset  # noqa: PLW0603  one clock a process is the point
    _offset = offset


stopwatch = monotonic
"""Seconds for measuring how long something took; never a time of day."""
