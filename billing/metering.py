"""What tenants have used: the figures of a month, day by day, as the ledger has them.

An hour belongs to the day in which it begins, also where a zone is half an hour off: each is in exactly one month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text

from billing.models import Meter
from billing.periods import Month
from billing.rating import Use, projected
from tenants import clock
from tenants.db import platform_reading
from tenants.registry import TenantNotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the tenant. What was not counted on it is None, and traffic that there was not is 0."""

    day: date
    bytes_in: int = 0
    bytes_out: int = 0
    requests: int = 0
    users: int | None = None
    """Active ones; of this and what follows, the most there was at a time."""

    records: int | None = None
    storage: int | None = None
    """Bytes of files."""

    @property
    def transferred(self) -> int:
        return self.bytes_in + self.bytes_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A month of a tenant."""

    tenant_id: UUID
    month: Month
    zone: ZoneInfo
    days: tuple[Day, ...] = field(repr=False)
    """All of the month, those to come included."""

    traffic_until: datetime | None
    """All traffic until then is among the figures; None when nothing was written down yet."""

    levels_at: datetime | None
    """When users, records and files of this month were counted last."""

    @property
    def bytes_in(self) -> int:
        return sum(day.bytes_in for day in self.days)

    @property
    def bytes_out(self) -> int:
        return sum(day.bytes_out for day in self.days)

    @property
    def transferred(self) -> int:
        return self.bytes_in + self.bytes_out

    @property
    def requests(self) -> int:
        return sum(day.requests for day in self.days)

    def last(self, meter: Meter) -> int | None:
        """How much of it there was when it was counted last; None when it never was."""
        found: list[int] = [level for day in self.days if (level := getattr(day, meter.value)) is not None]
        return found[-1] if found else None

    def use(self) -> Use:
        """What is charged of it. A day on which nobody counted has as many users as the one before."""
        user_days, users = 0, 0
        for day in self.days:
            users = users if day.users is None else day.users
            user_days += users if day.day < self._counted_until else 0
        return Use(user_days=user_days, transferred=self.transferred)

    def use_at_this_pace(self, now: datetime) -> Use:
        """What will be charged if it goes on as until now."""
        return projected(
            self.month,
            self.use(),
            elapsed=self.month.elapsed(now, self.zone),
            users_now=self.last(Meter.USERS) or 0,
            days_left=(self.month.until - self._counted_until).days,
        )

    @property
    def _counted_until(self) -> date:
        """The day after the last on which users were counted."""
        counted = [day.day for day in self.days if day.users is not None]
        return counted[-1] + timedelta(days=1) if counted else self.month.since


def month(tenant_id: UUID, year: int, number: int) -> Usage:
    """Raises TenantNotFound."""
    wanted = Month(year, number)
    values = {"tenant_id": tenant_id, "since": wanted.since, "until": wanted.until}
    with platform_reading() as session:
        about = session.execute(_ABOUT, values).one_or_none()
        if about is None:
            raise TenantNotFound
        found = session.execute(_BY_DAY, values | {"zone": about.timezone}).all()
    return Usage(
        tenant_id=tenant_id,
        month=wanted,
        zone=ZoneInfo(about.timezone),
        days=_days(wanted, found),
        traffic_until=about.traffic_until,
        levels_at=about.levels_at,
    )


def _days(wanted: Month, found: Sequence[Row[Any]]) -> tuple[Day, ...]:
    by_day: dict[date, dict[str, int]] = {}
    for row in found:
        by_day.setdefault(row.day, {})[row.meter] = int(row.total)
    return tuple(Day(day=day, **by_day.get(day, {})) for day in wanted.days())


def bytes_this_month(tenant_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """What each has transferred in the month that it is there now, in one statement; 0 for nothing."""
    with platform_reading() as session:
        found = session.execute(_THIS_MONTH, {"tenant_ids": list(tenant_ids), "now": clock.now()}).all()
    return dict.fromkeys(tenant_ids, 0) | {row.tenant_id: int(row.total) for row in found}


_ABOUT = text(
    "SELECT timezone, "
    "(SELECT max(seen_at) FROM platform.usage_sources) AS traffic_until, "
    "(SELECT max(counted_at) FROM platform.usage_levels WHERE tenant_id = :tenant_id "
    "AND day >= :since AND day < :until) AS levels_at "
    "FROM platform.tenants WHERE id = :tenant_id"
)
_BY_DAY = text(
    "SELECT CAST(hour AT TIME ZONE :zone AS date) AS day, meter, sum(total) AS total FROM platform.usage_counters "
    "WHERE tenant_id = :tenant_id AND hour >= CAST(:since AS timestamp) AT TIME ZONE :zone "
    "AND hour < CAST(:until AS timestamp) AT TIME ZONE :zone GROUP BY 1, 2 "
    "UNION ALL SELECT day, meter, level FROM platform.usage_levels "
    "WHERE tenant_id = :tenant_id AND day >= :since AND day < :until"
)
_THIS_MONTH = text(
    "SELECT kept.tenant_id, sum(kept.total) AS total FROM platform.tenants AS tenant "
    "JOIN platform.usage_counters AS kept ON kept.tenant_id = tenant.id "
    "AND kept.hour >= date_trunc('month', CAST(:now AS timestamptz) AT TIME ZONE tenant.timezone) "
    "AT TIME ZONE tenant.timezone "
    "WHERE tenant.id = ANY(CAST(:tenant_ids AS uuid[])) AND kept.meter IN ('bytes_in', 'bytes_out') "
    "GROUP BY kept.tenant_id"
)
