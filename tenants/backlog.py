"""Work that waits in all open tenants, by lane, as the scheduler counted it last (app/operators/gathering.py).

The one source of metrics, console and doctor: so they agree, and asking visits no tenant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text

from tenants import clock
from tenants.db import platform_reading
from tenants.trouble import Trouble

STALE = timedelta(minutes=5)
"""The scheduler counts once a minute; what is older than this says that it does not."""


class Work(StrEnum):
    CHANGES = "changes"
    """Changes that nobody has forwarded yet."""

    JOBS = "jobs"
    MAILS = "mails"
    WEBHOOKS = "webhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    number: int
    overdue: timedelta
    """For how long the oldest had been due when it was counted; of mails, since it was written: one that the server did
    not take is due a little later each time.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    counted_at: datetime | None
    """When the tenant that was counted longest ago was counted; None before the first time."""

    lanes: Mapping[Work, Waiting]

    def is_stale(self, *, at: datetime) -> bool:
        return self.counted_at is None or at - self.counted_at > STALE


_COUNTED = text(
    f"""
SELECT min(f.taken_at) FILTER (WHERE f.trouble & {int(Trouble.UNREADABLE)} = 0) AS counted_at,
  sum(f.changes_waiting) AS changes, max(f.taken_at - f.waiting_since) AS changes_overdue,
  sum(f.jobs_pending) AS jobs, max(f.taken_at - f.jobs_since) AS jobs_overdue,
  coalesce(sum(f.mails_waiting), 0)
    + (SELECT count(*) FROM platform.mails WHERE state IN ('pending', 'sending')) AS mails,
  greatest(max(f.taken_at - f.mails_since),
    :now - (SELECT min(created_at) FROM platform.mails WHERE state IN ('pending', 'sending'))) AS mails_overdue,
  sum(f.webhooks_waiting) AS webhooks, max(f.taken_at - f.webhooks_since) AS webhooks_overdue
FROM platform.tenant_figures f JOIN platform.tenants t ON t.id = f.tenant_id AND t.status = 'open'"""
)


def backlog() -> Backlog:
    """One statement. Mails that have left their tenant are the platform's and are counted as they are now."""
    with platform_reading() as session:
        row = session.execute(_COUNTED, {"now": clock.now()}).one()
    return Backlog(counted_at=row.counted_at, lanes={work: _waiting(row, work.value) for work in Work})


def _waiting(row: Row[Any], name: str) -> Waiting:
    overdue = getattr(row, f"{name}_overdue") or timedelta()
    return Waiting(number=int(getattr(row, name) or 0), overdue=max(overdue, timedelta()))
