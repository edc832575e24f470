"""Work for later: a row first, stored with the transaction that asks for it; Redis only hears "there is work".

So nothing is lost when Redis is, and a job that a killed worker left behind runs again. One job is one transaction.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from redis import Redis, RedisError
from rq import Queue, SimpleWorker
from rq.job import Job as RqJob
from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from structlog import get_logger

from config.settings import settings
from tenants import clock, registry
from tenants.context import Actor, Origin, current_actor, current_origin, current_scope, tenant_scope
from tenants.db import TenantModel, after_commit, db, unit_of_work
from tenants.models import stored

log = get_logger()

QUEUE = "jobs"
ATTEMPTS = 5
TIME_LIMIT = timedelta(minutes=5)
_DOOR = "tenants.jobs.perform"
_registered: dict[str, Callable[..., None]] = {}


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
        queue = Queue(QUEUE, connection=connection(), job_class=AllowedJob, serializer="json")
        queue.enqueue_many(
            [
                Queue.prepare_data(
                    _DOOR,
                    args=[str(tenant_id), str(job_id)],
                    result_ttl=0,
                    failure_ttl=3600,
                    timeout=int(TIME_LIMIT.total_seconds()),
                )
                for job_id in job_ids
            ]
        )
    except RedisError as error:
        log.warning("jobs.hint_lost", error=type(error).__name__, jobs=len(job_ids))


def connection() -> Redis:
    return Redis.from_url(settings().redis_url, socket_timeout=30, socket_connect_timeout=3)


class AllowedJob(RqJob):
    """Whoever can write to Redis may name a function; only our own door opens."""

    @property
    def func(self) -> Callable[..., Any]:
        if self.func_name != _DOOR or self.instance is not None:
            raise PermissionError(f"The job function {self.func_name!r} is not allowed.")
        return perform


def worker() -> SimpleWorker:
    return SimpleWorker([QUEUE], connection=connection(), job_class=AllowedJob, serializer="json")


def perform(tenant_id: str, job_id: str) -> None:
    """Run one job in its tenant, as its actor. A job that is done, or taken by another worker, is left alone."""
    scope = registry.find(UUID(tenant_id)).scope()
    try:
        _run(scope.tenant_id, UUID(job_id))
    except Exception:
        _settle_failure(scope.tenant_id, UUID(job_id), traceback.format_exc(limit=20))
        raise


def _run(tenant_id: UUID, job_id: UUID) -> None:
    scope = registry.find(tenant_id).scope()
    with tenant_scope(scope), unit_of_work():
        row = _due(job_id)
    if row is None:
        return
    origin = Origin(source="job", cause=str(job_id), depth=row.depth + 1)
    with (
        tenant_scope(scope, actor=Actor(user_id=row.actor, name=""), origin=origin),
        unit_of_work() as session,
    ):
        claimed = session.get(Job, job_id, with_for_update={"skip_locked": True})
        if claimed is not None and claimed.state is JobState.PENDING:
            _registered[claimed.name](**claimed.arguments)
            claimed.state = JobState.DONE


def _due(job_id: UUID) -> Job | None:
    row = db.session.get(Job, job_id)
    return row if row is not None and row.state is JobState.PENDING and row.due_at <= clock.now() else None


def _settle_failure(tenant_id: UUID, job_id: UUID, error: str) -> None:
    with tenant_scope(registry.find(tenant_id).scope()), unit_of_work() as session:
        row = session.get(Job, job_id, with_for_update=True)
        if row is not None and row.state is JobState.PENDING:
            row.attempts += 1
            row.error = error
            row.due_at = clock.now() + timedelta(seconds=5 * 4**row.attempts)
            if row.attempts >= ATTEMPTS:
                row.state = JobState.FAILED
