"""What may be a minute old, kept in the process and apart for each tenant; some of it never old anywhere."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from typing import TypeVar, cast
from uuid import UUID

from tenants import clock, memory
from tenants.context import current_scope

T = TypeVar("T")

MOST = 4096
"""Answers a process keeps; the one that nobody asked for longest goes first."""

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


def remember_together(name: str, make: Callable[[], T], *, for_: timedelta) -> T:
    """The same for what must not be old anywhere: made anew too when any process has said ``forget_together``."""
    now = memory.stamp(name)
    if now is None:
        return make()
    # The stamp is read first: what was made from before a change never counts as made after it.
    return remember(f"{name} {now}", make, for_=for_)


def forget_together(name: str) -> None:
    """Once this unit of work is saved, every process answers this tenant's next question anew."""
    memory.renew(name)


def forget(name: str) -> None:
    """The next question of this tenant is answered anew; other processes go on until their answer is old."""
    with _lock:
        _kept.pop((current_scope().tenant_id, name), None)


def forget_all() -> None:
    with _lock:
        _kept.clear()
