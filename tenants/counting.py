"""What is counted for all processes together, in windows of time, in Redis. A window begins with the first in it.

While Redis does not answer each process counts for itself: limits hold all the same, only once a process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from redis import Redis

from tenants import memory
from tenants.errors import TooMany
from tenants.own_counts import OwnCounts

_NAME = "kontor:count:"
EVERY = f"{_NAME}*"
"""The pattern of their keys."""

_MINUTE = 60
_NETWORK_OF_ONE = 64
"""Bits of an IPv6 address that one customer of a provider cannot choose; the others they can."""

_own = OwnCounts()


class TooOften(TooMany):
    """That was too often. Please wait %(minutes)s min and try again."""

    code = "too_many_requests"

    def __init__(self, *, seconds: float) -> None:
        super().__init__(minutes=max(1, ceil(seconds / _MINUTE)))
        self.again_in = max(1, ceil(seconds))


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    seconds_left: float
    """Until the window ends."""


def network(address: str) -> str:
    """By which an address is counted: itself, or the /64 that it lies in."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, _NETWORK_OF_ONE), strict=False))


def count(name: str, *, within: timedelta) -> Count:
    """One more."""
    return counts([name], within=within)[0]


def counts(names: Sequence[str], *, within: timedelta) -> list[Count]:
    """One more of each, in one round trip."""
    keys = [_key(name) for name in names]
    found = memory.answers([ask for key in keys for ask in (_more(key), _ends(key))])
    if not found:
        return [Count(*_own.more(name, seconds=within.total_seconds())) for name in names]
    numbers, left = [int(one) for one in found[::2]], [int(one) for one in found[1::2]]
    # One has no end yet, or its process died before it had one.
    endless = [key for key, one in zip(keys, left, strict=True) if one < 0]
    memory.tell_all([_end(key, within) for key in endless])
    seconds = [one / 1000 if one >= 0 else within.total_seconds() for one in left]
    return [Count(number, one) for number, one in zip(numbers, seconds, strict=True)]


def give_back(name: str, *, within: timedelta) -> None:
    """One less. Where the window has ended meanwhile, the next one begins with it."""
    if not _own.less(name):
        key = _key(name)
        memory.tell_all([lambda redis: redis.decr(key), lambda redis: redis.expire(key, within, nx=True)])


def forget(name: str) -> None:
    """As if it had never been counted."""
    _own.forget(name)
    memory.tell_all([_delete(_key(name))])


def wait_left(names: Sequence[str]) -> float:
    """Seconds until the longest of these waits is over; 0 where none runs."""
    found = memory.answers([_ends(_wait(name)) for name in names])
    own = max((_own.wait_left(name) for name in names), default=0.0)
    return max(own, *(int(one) / 1000 for one in found)) if found else own


def begin_wait(name: str, *, seconds: float) -> bool:
    """Whether it began now: of many at once one begins it."""
    found = memory.answers([lambda redis: redis.set(_wait(name), 1, px=int(seconds * 1000), nx=True)])
    return bool(found[0]) if found else _own.begin_wait(name, seconds=seconds)


def end_waits(names: Sequence[str]) -> None:
    _own.end_waits(names)
    memory.tell_all([_delete(_wait(name)) for name in names])


def _delete(key: str) -> Callable[[Redis], object]:
    return lambda redis: redis.delete(key)


def _more(key: str) -> Callable[[Redis], object]:
    return lambda redis: redis.incr(key)


def _ends(key: str) -> Callable[[Redis], object]:
    return lambda redis: redis.pttl(key)


def _end(key: str, within: timedelta) -> Callable[[Redis], object]:
    return lambda redis: redis.expire(key, within)


def _key(name: str) -> str:
    return f"{_NAME}{name}"


def _wait(name: str) -> str:
    return f"{_NAME}wait for {name}"
