"""What may be a minute old, kept in the process and apart for each tenant; some of it never old anywhere."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import timedelta
from threading import Lock
from typing import TypeVar, cast
from uuid import UUID

from tenants import clock, memory
from tenants.context import current_actor, current_scope
from tenants.db import db

T = TypeVar("T")

MOST = 4096
"""Answers a process keeps; the one that nobody asked for longest goes first."""

MOST_PAGES = 256
"""The same of pages, each some kilobytes."""

_EVERYBODYS, _STAMPS = "everybody's", "stamps"


class _Shelf:
    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[UUID, str], tuple[float, object]] = OrderedDict()
        self._lock = Lock()

    def remember(self, name: str, make: Callable[[], T], *, for_: timedelta) -> T:
        key, now = (current_scope().tenant_id, name), clock.stopwatch()
        found = self._kept.get(key)
        if found is not None and found[0] > now:
            return cast("T", found[1])
        made = make()
        with self._lock:
            self._kept[key] = (now + for_.total_seconds(), made)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_answers, _pages = _Shelf(MOST), _Shelf(MOST_PAGES)


def remember(name: str, make: Callable[[], T], *, for_: timedelta) -> T:
    """The answer of this name for the present tenant, made anew when it has grown too old."""
    return _answers.remember(name, make, for_=for_)


def remember_together(name: str, make: Callable[[], T], *, for_: timedelta) -> T:
    """The same for what must not be old anywhere: made anew too when any process has said ``forget_together``."""
    now = _stamps()
    return make() if now is None else remember(f"{name} {now[0]}", make, for_=for_)


def remember_mine(name: str, make: Callable[[], T], *, for_: timedelta) -> T:
    """The same for the actor alone: made anew too when any process has said ``forget_of`` this user."""
    now = _stamps()
    return make() if now is None else remember(f"{name} {current_actor().user_id} {now[:2]}", make, for_=for_)


def remember_page(name: str, make: Callable[[], T], *, for_: timedelta) -> T:
    """The same for what is made of much of what the tenant has: made anew too when anybody has written anything."""
    now = _stamps()
    return make() if now is None else _pages.remember(f"{name} {current_actor().user_id} {now}", make, for_=for_)


def forget_together() -> None:
    """Once this unit of work is saved, every process answers this tenant's next questions anew."""
    memory.renew([_EVERYBODYS])


def forget_of(user_ids: Collection[UUID]) -> None:
    """The same for what is kept for these users alone."""
    memory.renew([_of(user_id) for user_id in user_ids])


def _stamps() -> tuple[str, ...] | None:
    """(the tenant's, the actor's, that of all that is written), asked once in a unit of work, and first: what was made
    from before a change never counts as made after it.
    """
    kept = db.session().info
    if _STAMPS not in kept:
        kept[_STAMPS] = memory.stamps([_EVERYBODYS, _of(current_actor().user_id), memory.WRITTEN])
    found: tuple[str, ...] | None = kept[_STAMPS]
    return found


def _of(user_id: UUID | None) -> str:
    return f"user {user_id}"


def forget_all() -> None:
    _answers.clear()
    _pages.clear()
