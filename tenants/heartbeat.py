"""Signs of life: who runs in the background writes one every few seconds, and it fades when they stop."""

from __future__ import annotations

from datetime import datetime, timedelta

from redis import Redis
from rq import Worker

from tenants import clock, lanes

EVERY = timedelta(seconds=5)
FADES = timedelta(seconds=30)
_KEY = "kontor:alive:{}"


def beat(name: str) -> None:
    with lanes.connection() as redis:
        redis.set(_KEY.format(name), clock.now().isoformat(), ex=FADES)


def last(redis: Redis, name: str) -> datetime | None:
    """When the last sign came; None when it has faded."""
    written = redis.get(_KEY.format(name))
    return datetime.fromisoformat(written.decode()) if isinstance(written, bytes) else None


def workers(redis: Redis) -> int:
    """How many workers gave a sign lately; they write theirs themselves."""
    return len(Worker.all(connection=redis, job_class=lanes.AllowedJob, serializer="json"))
