"""Hints of jobs that Redis lost, or whose worker was killed: found again in PostgreSQL, which holds every fact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text

from tenants import clock, everywhere, jobs, lanes, registry
from tenants.db import platform_reading, platform_work
from tenants.jobs import Job
from tenants.lanes import Lane
from tenants.models import Tenant, TenantStatus

HINT_TAKES = timedelta(seconds=3)


def sweep() -> int:
    """Send lost hints again, for the tenants that left a mark in the outbox; answers how many.

    Marks go when nothing is pending any more. Of a tenant that still waits one mark is enough.
    """
    marks = _marks()
    among = registry.with_schemas(list(marks))
    found = everywhere.for_each_tenant("lost hints", _overdue, among=among)
    settled: list[int] = []
    for tenant in among:
        if tenant.id in found:
            _, anything_left = found[tenant.id]
            settled += marks[tenant.pg_schema][:-1] if anything_left else marks[tenant.pg_schema]
    with platform_work() as session:
        session.execute(text("DELETE FROM platform.outbox WHERE id = ANY(:settled)"), {"settled": settled})
    return _send_again(found)


def sweep_all() -> int:
    """The same for every tenant, marked or not: whatever went wrong, work is hardly a minute late."""
    working = (one for one in registry.every_tenant() if one.status in {TenantStatus.OPEN, TenantStatus.SUSPENDED})
    return _send_again(everywhere.for_each_tenant("due jobs", _overdue, among=working))


def _marks() -> dict[str, list[int]]:
    """By schema, the ids of the marks. Exactly these: one that is committed meanwhile may be older."""
    with platform_reading() as session:
        marks = text("SELECT role, array_agg(id ORDER BY id) FROM platform.outbox WHERE note = 'jobs' GROUP BY role")
        rows = session.execute(marks)
        return {role: list(ids) for role, ids in rows}


def _overdue(tenant: Tenant) -> tuple[UUID | None, bool]:
    """A job that should have begun and that no worker is busy with; and whether any job is left."""
    due = Job.due_at <= clock.now() - HINT_TAKES
    query = select(Job.id).where(jobs.IS_PENDING, *jobs.allowed(tenant)).order_by(Job.due_at).limit(1)
    with everywhere.inside(tenant.scope_in_suspension()) as session:
        anything_left = session.scalar(query) is not None
        overdue = session.scalar(query.where(due).with_for_update(skip_locked=True)) if anything_left else None
    return overdue, anything_left


def _send_again(found: Mapping[UUID, tuple[UUID | None, bool]]) -> int:
    """While as many hints wait as tenants, none was lost and the workers are merely busy."""
    overdue = {tenant_id: job_id for tenant_id, (job_id, _) in found.items() if job_id is not None}
    if not overdue or _hints_waiting() >= len(overdue):
        return 0
    return jobs.hint(overdue)


def _hints_waiting() -> int:
    with lanes.connection() as redis:
        return lanes.queue(Lane.JOBS, redis=redis).count
