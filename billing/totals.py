"""What tenants use, for those who look at many of them, or at one for a long time. Each answer is one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import text

from billing.models import LEVELS, Meter
from tenants.db import platform_reading


def levels(tenant_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, int | None]]:
    """How many users, records and bytes of files each had when it was counted last; None where it never was."""
    with platform_reading() as session:
        found = session.execute(_LAST, {"tenant_ids": list(tenant_ids)}).all()
    known: dict[UUID, dict[str, int | None]] = {
        tenant_id: dict.fromkeys((meter.value for meter in LEVELS), None) for tenant_id in tenant_ids
    }
    for row in found:
        known[row.tenant_id][row.meter] = int(row.level)
    return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Days of a tenant, the first to the last one. On a day that nobody counted there is as much as before it."""

    days: Sequence[date]
    transferred: Sequence[int]
    users: Sequence[int]
    records: Sequence[int]


def past(tenant_id: UUID, *, timezone: str, today: date, days: int) -> Past:
    since = today - timedelta(days=days - 1)
    values = {"tenant_id": tenant_id, "zone": timezone, "since": since}
    with platform_reading() as session:
        found = {(row.day, row.meter): int(row.total) for row in session.execute(_BY_DAY, values)}
    every = [since + timedelta(days=number) for number in range(days)]
    both = (Meter.BYTES_IN, Meter.BYTES_OUT)
    return Past(
        days=every,
        transferred=[sum(found.get((day, meter), 0) for meter in both) for day in every],
        users=_carried(every, {day: total for (day, meter), total in found.items() if meter == Meter.USERS}),
        records=_carried(every, {day: total for (day, meter), total in found.items() if meter == Meter.RECORDS}),
    )


def _carried(days: Sequence[date], counted: Mapping[date, int]) -> Sequence[int]:
    level, carried = 0, []
    for day in days:
        level = counted.get(day, level)
        carried.append(level)
    return carried


_LAST = text(
    "SELECT DISTINCT ON (tenant_id, meter) tenant_id, meter, level FROM platform.usage_levels "
    "WHERE tenant_id = ANY(CAST(:tenant_ids AS uuid[])) AND meter IN ('users', 'records', 'storage') "
    "ORDER BY tenant_id, meter, day DESC"
)
_BY_DAY = text(
    "SELECT CAST(hour AT TIME ZONE :zone AS date) AS day, meter, sum(total) AS total FROM platform.usage_counters "
    "WHERE tenant_id = :tenant_id AND hour >= CAST(:since AS timestamp) AT TIME ZONE :zone "
    "AND meter IN ('bytes_in', 'bytes_out') GROUP BY 1, 2 "
    "UNION ALL SELECT day, meter, level FROM platform.usage_levels "
    "WHERE tenant_id = :tenant_id AND day >= :since AND meter IN ('users', 'records')"
)
