"""What stands in a tenant's own schema, for operators: counts and errors, never what people entered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text

from app.escalation.models import Deadline
from app.notifications.models import Delivery
from tenants import clock, routing
from tenants.context import Origin, tenant_scope
from tenants.db import db, rows, unit_of_work
from tenants.jobs import Job, JobState
from tenants.models import Tenant

LATELY = timedelta(days=7)
MOST = 20

_WATCHED = text(
    """
WITH failed AS (SELECT name, created_at FROM jobs WHERE state = 'failed' AND id > :lately),
  unsettled AS (SELECT channel, due_at, created_at FROM deliveries WHERE due_at IS NOT NULL)
SELECT changes.number + (SELECT count(*) FROM leftovers) AS changes_waiting,
  least(changes.since, (SELECT min(at) FROM leftovers)) AS waiting_since,
  greatest(changes.last,
    (SELECT at FROM change WHERE id = (SELECT id FROM routed ORDER BY position DESC LIMIT 1))) AS active_at,
  pending.number AS jobs_pending, pending.since AS jobs_since,
  mails.number AS mails_waiting, mails.since AS mails_since,
  webhooks.number AS webhooks_waiting, webhooks.since AS webhooks_since,
  (SELECT count(*) FROM failed) AS jobs_failed, last_failed.name AS failed_job, last_failed.created_at AS failed_job_at,
  (SELECT count(*) FROM deliveries WHERE state = 'dead' AND id > :lately) AS deliveries_dead
FROM (SELECT count(*) AS number, min(at) AS since, max(at) AS last FROM unrouted) changes,
  (SELECT count(*) AS number, min(due_at) AS since FROM jobs WHERE state = 'pending') pending,
  (SELECT count(*) AS number, min(created_at) AS since FROM unsettled WHERE channel = 'mail') mails,
  (SELECT count(*) AS number, min(due_at) AS since FROM unsettled WHERE channel = 'webhook') webhooks
  LEFT JOIN (SELECT name, created_at FROM failed ORDER BY created_at DESC LIMIT 1) last_failed ON true"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """One tenant at this moment."""

    pending: int
    oldest_job: datetime | None
    failed: Sequence[Row[Any]]
    """(name, attempts, error, created_at), the last first."""

    deliveries: Mapping[str, int]
    """By state, of the last week."""

    deadlines: int
    next_deadline: datetime | None
    waiting_since: datetime | None


@contextmanager
def acting(tenant: Tenant) -> Iterator[None]:
    """One transaction in a tenant, as an operator."""
    with tenant_scope(tenant.scope_in_suspension(), origin=Origin(source="operator")), unit_of_work():
        yield


def watched(tenant: Tenant) -> Row[Any]:
    """What is looked at every minute, in one statement."""
    with tenant_scope(tenant.scope_in_suspension(), origin=Origin(source="schedule")), unit_of_work():
        (found,) = rows(_WATCHED, {"lately": _lately()})
    return found


def inside(tenant: Tenant) -> Inside:
    with tenant_scope(tenant.scope_in_suspension(), origin=Origin(source="operator")), unit_of_work():
        pending, oldest = db.session.execute(_PENDING).one()
        deadlines, next_deadline = db.session.execute(_DEADLINES).one()
        return Inside(
            pending=pending,
            oldest_job=oldest,
            failed=rows(_FAILED),
            deliveries={row.state.value: row.number for row in rows(_deliveries(_lately()))},
            deadlines=deadlines,
            next_deadline=next_deadline,
            waiting_since=routing.waiting_since(),
        )


_PENDING = select(func.count(), func.min(Job.due_at)).where(Job.state == JobState.PENDING)
_DEADLINES = select(func.count(), func.min(Deadline.due_at)).where(Deadline.due_at.is_not(None))
_FAILED = (
    select(Job.name, Job.attempts, Job.error, Job.created_at)
    .where(Job.state == JobState.FAILED)
    .order_by(Job.id.desc())
    .limit(MOST)
)


def _deliveries(since: UUID) -> Any:
    return select(Delivery.state, func.count().label("number")).where(Delivery.id > since).group_by(Delivery.state)


def _lately() -> UUID:
    """Ids sort by the time at which they were made, so the primary key finds what is young."""
    milliseconds = int((clock.now() - LATELY).timestamp() * 1000)
    return UUID(int=milliseconds << 80)
