"""What all processes know of a tenant for a while, in Redis. Nothing depends on it: without Redis they know nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.retry import Retry
from structlog import get_logger

from config.settings import settings
from tenants import clock
from tenants.context import current_scope
from tenants.db import after_commit

log = get_logger()
T = TypeVar("T")

_FADES = timedelta(days=90)
_SILENCE = 5.0
"""Seconds for which nobody asks once Redis did not answer: no request shall wait for it twice."""

_silent_until = 0.0


def stamp(name: str) -> str | None:
    """Another one after each ``renew``; None where nobody can say."""
    key = _key(name)
    return _ask(lambda redis: _text(redis.get(key) or b"0"), default=None)


def renew(name: str) -> None:
    """Once this unit of work is saved, the stamp is another."""
    key = _key(name)
    after_commit(lambda: _ask(lambda redis: _renewed(redis, key), default=None))


def put_first(name: str, value: str, *, most: int) -> None:
    """To the front of a list of at most so many, once this unit of work is saved; what stands there already moves."""
    key = _key(name)
    after_commit(lambda: _ask(lambda redis: _put(redis, key, value, most), default=None))


def listed(name: str) -> Sequence[str]:
    """From the front."""
    key, nothing = _key(name), list[str]()
    return _ask(lambda redis: [_text(value) for value in redis.lrange(key, 0, -1)], default=nothing)


def _key(name: str) -> str:
    return f"kontor:memory:{current_scope().tenant_id}:{name}"


def _renewed(redis: Redis, key: str) -> None:
    pipeline: Pipeline = redis.pipeline()
    pipeline.incr(key)
    pipeline.expire(key, _FADES)
    pipeline.execute()


def _put(redis: Redis, key: str, value: str, most: int) -> None:
    pipeline: Pipeline = redis.pipeline()
    pipeline.lrem(key, 0, value)
    pipeline.lpush(key, value)
    pipeline.ltrim(key, 0, most - 1)
    pipeline.expire(key, _FADES)
    pipeline.execute()


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _ask(question: Callable[[Redis], T], *, default: T) -> T:
    global _silent_until  # noqa: PLW0603  one connection a process is the point
    if clock.stopwatch() < _silent_until:
        return default
    try:
        return question(_client())
    except RedisError as error:
        _silent_until = clock.stopwatch() + _SILENCE
        log.warning("memory.silent", error=type(error).__name__)
        return default


@cache
def _client() -> Redis:
    """Kept open: no page shall wait for a connection."""
    once_more = Retry(NoBackoff(), 1)
    return Redis.from_url(settings().redis_url, socket_timeout=0.5, socket_connect_timeout=0.5, retry=once_more)
