"""How many notifications somebody has not read: the number at the bell, on every page."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, select

from app.notifications.models import Notification
from tenants import cache, live
from tenants.context import current_actor
from tenants.db import rows

_A_MINUTE = timedelta(minutes=1)

MOST = 99
"""More are said as "99+"."""

_UNREAD = (
    select(Notification.id)
    .where(Notification.user_id == bindparam("user_id"), Notification.read_at.is_(None))
    .limit(MOST + 1)
    .subquery()
)
_COUNT = select(func.count()).select_from(_UNREAD)


def mine() -> int:
    """At most ``MOST`` + 1. Kept where all processes see it, so a page asks the database only after a change."""
    user_id = current_actor().user_id
    if user_id is None:
        return 0
    return cache.remember_mine("unread", lambda: _count(user_id), for_=_A_MINUTE)


def _count(user_id: UUID) -> int:
    return int(rows(_COUNT, {"user_id": user_id})[0][0])


def changed(user_ids: Collection[UUID]) -> None:
    """Once this unit of work is saved, their bells count anew, those on open pages at once."""
    cache.forget_of(user_ids)
    live.call(user_ids)
