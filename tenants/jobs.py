"""Work for later: a row first, stored with the transaction that asks for it; Redis only hears "there is
work".

So nothing is lost when Redis is, and a job that a killed worker left behind runs again. One job is one
transaction.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from redis import RedisError
from sqlalchemy import ColumnElement, Index, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from structlog import get_logger

from tenants import clock, lanes, registry
from tenants.context import Actor, Origin, Scope, current_actor, current_origin, current_scope, tenant_scope
from tenants.db import TenantModel, after_commit, db, platform_reading, platform_work, unit_of_work
from tenants.lanes import Lane
from tenants.models import TenantStatus, stored

log = get_logger()

ATTEMPTS = 5
_HINT_TAKES = timedelta(seconds=3)
_MOST_HINTS = 500
_registered: dict[str, Callable[..., None]] = {}
_in_suspension: set[str] = set()


class JobState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class Job(TenantModel):
    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "due_at", postgresql_where=text("state = 'pending'")),
        {"info": {"unrecorded": "It is how work gets done, not what people enter."}},
    )

    name: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor: Mapped[UUID | None]
    depth: Mapped[int] = mapped_column(default=0)
    state: Mapped[JobState] = mapped_column(stored(JobState), default=JobState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    error: Mapped[str | None]


def job(function: Callable[..., None]) -> Callable[..., None]:
    """Only functions marked so can be put off; their name is stored, so renaming one needs a thought."""
    _registered[f"{function.__module__}.{function.__name__}"] = function
    return function


def job_in_suspension(function: Callable[..., None]) -> Callable[..., None]:
    """The same for what only takes along what is there: it is done for a suspended tenant, too."""
    _in_suspension.add(f"{function.__module__}.{function.__name__}")
    return job(function)


def later(function: Callable[..., None], **arguments: Any) -> None:
    """Run ``function(**arguments)`` soon, for this tenant and actor, once this unit of work is saved.

    Arguments are plain: ids as text, numbers, text.
    """
    row = Job(
        name=f"{function.__module__}.{function.__name__}",
        arguments=arguments,
        actor=current_actor().user_id,
        depth=current_origin().depth,
        due_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    db.session.execute(text("INSERT INTO platform.outbox (note) VALUES ('jobs')"))
    tenant_id = current_scope().tenant_id
    after_commit(lambda: hint(tenant_id, [row.id]))


def hint(tenant_id: UUID, job_ids: list[UUID]) -> None:
    """Tell the workers. A hint that Redis loses comes back with the next sweep (app/schedule.py)."""
    try:
        lanes.send(Lane.JOBS, perform, [[str(tenant_id), str(job_id)] for job_id in job_ids])
    except RedisError as error:
        log.warning("jobs.hint_lost", error=type(error).__name__, jobs=len(job_ids))


@lanes.door
def perform(tenant_id: str, job_id: str) -> None:
    """Run one job in its tenant, as its actor. One that is done, or another worker has, is left alone; in a suspended
    tenant it waits.
    """
    tenant = registry.find(UUID(tenant_id))
    scope = tenant.scope_in_suspension()
    with tenant_scope(scope), unit_of_work():
        row = _due(UUID(job_id))
    if row is None or (tenant.status is TenantStatus.SUSPENDED and row.name not in _in_suspension):
        return
    try:
        _run(scope, row)
    except Exception:
        _settle_failure(scope, row.id, traceback.format_exc(limit=20))
        lanes.count("failed")
        raise


def _run(scope: Scope, row: Job) -> None:
    job_id = row.id
    origin = Origin(source="job", cause=str(job_id), depth=row.depth + 1)
    with (
        tenant_scope(scope, actor=Actor(user_id=row.actor, name=""), origin=origin),
        unit_of_work() as session,
    ):
        claimed = session.get(Job, job_id, with_for_update={"skip_locked": True})
        if claimed is not None and claimed.state is JobState.PENDING:
            _registered[claimed.name](**claimed.arguments)
            claimed.state = JobState.DONE
            after_commit(lambda: lanes.count("done"))


def _due(job_id: UUID) -> Job | None:
    row = db.session.get(Job, job_id)
    return row if row is not None and row.state is JobState.PENDING and row.due_at <= clock.now() else None


def _settle_failure(scope: Scope, job_id: UUID, error: str) -> None:
    with tenant_scope(scope), unit_of_work() as session:
        row = session.get(Job, job_id, with_for_update=True)
        if row is not None and row.state is JobState.PENDING:
            row.attempts += 1
            row.error = error
            row.due_at = clock.now() + timedelta(seconds=5 * 4**row.attempts)
            if row.attempts >= ATTEMPTS:
                row.state = JobState.FAILED


def sweep() -> int:
    """Send lost hints again, for the tenants that left a mark in the outbox; answers how many.

    Marks go when nothing is pending any more. Of a tenant that still waits one mark is enough.
    """
    marks = _marks()
    waiting: dict[UUID, list[UUID]] = {}
    settled: list[int] = []
    for tenant in registry.with_schemas(list(marks)):
        ids, anything_left = _overdue(tenant.scope())
        waiting[tenant.id] = ids
        settled += marks[tenant.pg_schema][:-1] if anything_left else marks[tenant.pg_schema]
    with platform_work() as session:
        session.execute(text("DELETE FROM platform.outbox WHERE id = ANY(:settled)"), {"settled": settled})
    return _send_again(waiting)


def sweep_all() -> int:
    """The same for every tenant, marked or not: whatever went wrong, work is hardly a minute late."""
    waiting: dict[UUID, list[UUID]] = {}
    for tenant in registry.every_tenant():
        if tenant.status is TenantStatus.OPEN:
            waiting[tenant.id], _ = _overdue(tenant.scope())
        elif tenant.status is TenantStatus.SUSPENDED:
            waiting[tenant.id], _ = _overdue(tenant.scope_in_suspension(), Job.name.in_(_in_suspension))
    return _send_again(waiting)


def _marks() -> dict[str, list[int]]:
    """By schema, the ids of the marks. Exactly these: one that is committed meanwhile may be older."""
    with platform_reading() as session:
        marks = text("SELECT role, array_agg(id ORDER BY id) FROM platform.outbox WHERE note = 'jobs' GROUP BY role")
        rows = session.execute(marks)
        return {role: list(ids) for role, ids in rows}


def _overdue(scope: Scope, *which: ColumnElement[bool]) -> tuple[list[UUID], bool]:
    """Jobs that should have begun, without those a worker is busy with; and whether any job is left."""
    due = Job.due_at <= clock.now() - _HINT_TAKES
    query = select(Job.id).where(Job.state == JobState.PENDING, *which).order_by(Job.due_at).limit(_MOST_HINTS)
    with tenant_scope(scope), unit_of_work() as session:
        anything_left = session.scalar(query.limit(1)) is not None
        ids = list(session.scalars(query.where(due).with_for_update(skip_locked=True))) if anything_left else []
    return ids, anything_left


def _send_again(waiting: dict[UUID, list[UUID]]) -> int:
    """While as many hints wait as jobs, none was lost and the workers are merely busy."""
    jobs = sum(len(ids) for ids in waiting.values())
    if not jobs or _hints_waiting() >= jobs:
        return 0
    for tenant_id, ids in waiting.items():
        if ids:
            hint(tenant_id, ids)
    return jobs


def _hints_waiting() -> int:
    with lanes.connection() as redis:
        return lanes.queue(Lane.JOBS, redis=redis).count
