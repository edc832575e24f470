"""What is counted for all processes together, in windows of time, in Redis. A window begins with the first in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tenants import memory

_NAME = "kontor:count:"
EVERY = f"{_NAME}*"
"""The pattern of their keys."""


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    seconds_left: float
    """Until the window ends."""


def count(name: str, *, within: timedelta) -> Count | None:
    """One more; None where nobody can say."""
    key = _key(name)
    found = memory.answers([lambda redis: redis.incr(key), lambda redis: redis.pttl(key)])
    if not found:
        return None
    number, left = (int(one) for one in found)
    if left < 0:
        # It has no end yet, or its process died before it had one.
        memory.answers([lambda redis: redis.expire(key, within)])
    return Count(number, left / 1000 if left >= 0 else within.total_seconds())


def give_back(name: str, *, within: timedelta) -> None:
    """One less. Where the window has ended meanwhile, the next one begins with it."""
    key = _key(name)
    memory.answers([lambda redis: redis.decr(key), lambda redis: redis.expire(key, within, nx=True)])


def _key(name: str) -> str:
    return f"{_NAME}{name}"
