"""What may be a minute old, apart for each tenant: kept in the process, or together by all processes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cache
from threading import Lock
from typing import TypeVar, cast
from uuid import UUID

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.settings import settings
from tenants import clock
from tenants.context import current_scope
from tenants.db import after_commit

T = TypeVar("T")

MOST = 4096
"""Answers a process keeps; the one that nobody asked for longest goes first."""

_SHARED_SECONDS = 60

_kept: OrderedDict[tuple[UUID, str], tuple[float, object]] = OrderedDict()
_lock = Lock()


def remember(name: str, make: Callable[[], T], *, for_: timedelta) -> T:
    """The answer of this name for the present tenant, made anew when it has grown too old."""
    key, now = (current_scope().tenant_id, name), clock.stopwatch()
    found = _kept.get(key)
    if found is not None and found[0] > now:
        return cast("T", found[1])
    made = make()
    with _lock:
        _kept[key] = (now + for_.total_seconds(), made)
        _kept.move_to_end(key)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def forget(name: str) -> None:
    """The next question of this tenant is answered anew; other processes go on until their answer is old."""
    with _lock:
        _kept.pop((current_scope().tenant_id, name), None)


def share(name: str, make: Callable[[], int]) -> int:
    """A number that all processes keep together, made anew after ``forget_shared`` and every minute."""
    key = _shared(name)
    try:
        found = _together().get(key)
    except RedisError:
        return make()
    if isinstance(found, bytes):
        return int(found)
    made = make()
    with suppress(RedisError):
        _together().set(key, made, ex=_SHARED_SECONDS)
    return made


def forget_shared(name: str) -> None:
    """Once this unit of work is saved; what a page reads before then may be kept for a minute at most."""
    key = _shared(name)

    def forget_it() -> None:
        # Without Redis nothing was kept either.
        with suppress(RedisError):
            _together().delete(key)

    after_commit(forget_it)


def _shared(name: str) -> str:
    return f"kontor:kept:{current_scope().tenant_id}:{name}"


@cache
def _together() -> Redis:
    """Kept open: pages ask on every view."""
    once_more = Retry(NoBackoff(), 1)
    return Redis.from_url(settings().redis_url, socket_timeout=0.5, socket_connect_timeout=0.5, retry=once_more)


def forget_all() -> None:
    with _lock:
        _kept.clear()
