"""Work that waits: how much and for how long. Asks only the tenants that left a mark in the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

from tenants import registry
from tenants.context import tenant_scope
from tenants.db import db, platform_reading, unit_of_work
from tenants.jobs import Job, JobState

_MOST_TENANTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    waiting: int
    oldest: datetime | None
    """When the longest waiting job fell due."""


def backlog() -> Backlog:
    """Of at most 200 tenants, those that marked first: whoever waits longest is among them."""
    with platform_reading() as session:
        marks = text("SELECT role FROM platform.outbox WHERE note = 'jobs' GROUP BY role ORDER BY min(id) LIMIT :most")
        roles = list(session.scalars(marks, {"most": _MOST_TENANTS}))
    waiting, oldest = 0, None
    for tenant in registry.with_schemas(roles):
        with tenant_scope(tenant.scope()), unit_of_work():
            query = select(func.count(), func.min(Job.due_at)).where(Job.state == JobState.PENDING)
            count, due_at = db.session.execute(query).one()
        waiting += count
        oldest = min(filter(None, (oldest, due_at)), default=None)
    return Backlog(waiting=waiting, oldest=oldest)
