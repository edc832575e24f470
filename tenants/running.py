"""What runs at this moment for all tenants together: lanes, workers, schedule, relay, mails, live updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from redis import Redis, RedisError
from rq import Worker
from rq.worker import BaseWorker
from sqlalchemy import text

from tenants import backlog, clock, heartbeat, lanes, live
from tenants.backlog import Backlog
from tenants.db import platform_reading
from tenants.lanes import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class AtWork:
    """A worker that gave a sign of life lately."""

    name: str
    host: str
    state: str
    doing: str
    """The door that it has opened; empty while it waits."""

    seen_at: datetime
    done: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """What Redis knows."""

    lanes: Mapping[str, int] = field(default_factory=dict)
    workers: Sequence[AtWork] = ()
    scheduler: datetime | None = None
    live: int = 0
    """Processes that tell of changes at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    queues: Queues | None
    """None while Redis does not answer."""

    backlog: Backlog
    marks: int
    """Tenants whose changes or deadlines wait for a worker."""

    oldest_mark: datetime | None
    overdue: int


def running() -> Running:
    with platform_reading() as session:
        row = session.execute(_WAITING, {"now": clock.now()}).one()
    return Running(
        queues=_queues(),
        backlog=backlog.backlog(),
        marks=row.marks,
        oldest_mark=row.oldest_mark,
        overdue=row.overdue,
    )


_WAITING = text(
    "SELECT count(DISTINCT o.role) AS marks, min(o.at) AS oldest_mark,"
    " (SELECT count(*) FROM platform.tenants WHERE next_due_at <= :now AND status = 'open') AS overdue"
    " FROM platform.outbox o JOIN platform.tenants t ON t.pg_schema = o.role AND t.status = 'open'"
    " WHERE o.note IN ('changes', 'due')"
)


def _queues() -> Queues | None:
    try:
        with lanes.connection() as redis:
            return Queues(
                lanes={lane.value: lanes.queue(lane, redis=redis).count for lane in Lane},
                workers=workers(redis),
                scheduler=heartbeat.last(redis, "scheduler"),
                live=int(dict(redis.pubsub_numsub(live.CHANNEL)).get(live.CHANNEL.encode(), 0)),
            )
    except RedisError:
        return None


def workers(redis: Redis) -> Sequence[AtWork]:
    found = Worker.all(connection=redis, job_class=lanes.AllowedJob, serializer="json")
    return sorted((_at_work(worker) for worker in found), key=lambda one: one.name)


def _at_work(worker: BaseWorker) -> AtWork:
    job = worker.get_current_job()
    seen_at = worker.last_heartbeat or clock.now()
    return AtWork(
        name=worker.name,
        host=f"{worker.hostname or ''} {worker.pid or ''}".strip(),
        state=str(getattr(worker.get_state(), "value", worker.get_state())),
        doing=str(job.func_name).rpartition(".")[0].rpartition(".")[2] if job is not None else "",
        seen_at=seen_at if seen_at.tzinfo else seen_at.replace(tzinfo=UTC),
        done=worker.successful_job_count,
        failed=worker.failed_job_count,
    )
