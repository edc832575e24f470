from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.notifications import unread
from app.notifications.models import Channel, Delivery, DeliveryState, Event, Notification
from tenants import clock, relay
from tenants.db import db, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one user is to be told."""

    key: str
    """The same for what is the same: told twice it is told once."""

    user_id: UUID
    rule: str
    reason: str = ""
    event: Event
    subject: str
    record_id: UUID
    title: str
    at: datetime
    level: int = 0
    change_id: UUID | None = None
    actor_id: UUID | None = None
    channels: tuple[Channel, ...] = (Channel.IN_APP,)


_KEPT = tuple(one.name for one in fields(Notice) if one.name != "channels")


def notify(notices: Sequence[Notice]) -> None:
    """Tell everybody who was not told yet, in the app now and by mail soon after this unit of work.

    Several rules that tell one person of one thing are one notification, of the first; by mail if any of them says so.
    """
    if not notices:
        return
    by_key: dict[str, Notice] = {}
    for notice in notices:
        by_key.setdefault(notice.key, notice)
    mailed = {notice.key for notice in notices if Channel.MAIL in notice.channels}
    statement = insert(Notification).on_conflict_do_nothing(index_elements=["key"])
    added = db.session.execute(
        statement.returning(Notification.id, Notification.key, Notification.user_id),
        [_row(notice) for notice in by_key.values()],
    ).all()
    _deliver([(row.id, row.key, row.user_id) for row in added if row.key in mailed])
    unread.changed({row.user_id for row in added})


def _row(notice: Notice) -> dict[str, Any]:
    return {"id": new_id(), "created_at": clock.now(), **{name: getattr(notice, name) for name in _KEPT}}


def _deliver(told: Collection[tuple[UUID, str, UUID]]) -> None:
    if not told:
        return
    now = clock.now()
    rows = [
        {
            "id": new_id(),
            "created_at": now,
            "key": f"{key}:{Channel.MAIL}",
            "channel": Channel.MAIL,
            "notification_id": notification_id,
            "user_id": user_id,
            "target": "",
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "due_at": now,
        }
        for notification_id, key, user_id in told
    ]
    db.session.execute(insert(Delivery).on_conflict_do_nothing(index_elements=["key"]), rows)
    relay.mark_due()


def read(notification: Notification, *, at: datetime) -> None:
    """Done twice it is done once."""
    if notification.read_at is None:
        notification.read_at = at
        unread.changed({notification.user_id})


def read_all(user_id: UUID, *, at: datetime) -> None:
    mine = (Notification.user_id == user_id) & Notification.read_at.is_(None)
    db.session.execute(update(Notification).where(mine).values(read_at=at))
    unread.changed({user_id})
