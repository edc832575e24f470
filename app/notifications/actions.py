from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, update
from sqlalchemy.dialects.postgresql import insert

from app.notifications import sums, unread
from app.notifications.models import Channel, Delivery, DeliveryState, Event, Notification
from app.notifications.sums import Piece
from tenants import clock, relay
from tenants.db import db, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one user is to be told."""

    key: str
    """The same for what is the same: told twice it is told once."""

    occasion: str = ""
    """What a person did; what came of it is told to each as one, by rule. Empty where each is told by itself."""

    goes_on: bool = False
    """Whether more may come of the occasion."""

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

    @property
    def told_by(self) -> str:
        """The key of the notification that tells it."""
        if not self.occasion:
            return self.key
        rule = f"{self.rule}:{self.level}" if self.level else self.rule
        return f"{self.occasion}:{rule}:{self.user_id}"

    def piece(self) -> Piece:
        return Piece(record_id=self.record_id, subject=self.subject, event=self.event, at=self.at)


_KEPT = tuple(one.name for one in fields(Notice) if one.name not in {"channels", "goes_on", "key"})


def notify(notices: Sequence[Notice]) -> None:
    """Tell everybody who was not told yet, in the app now and by mail soon after this unit of work.

    Several rules that tell one person of one thing are one notification, of the first; by mail if any of them says so.
    """
    if not notices:
        return
    told, first_of = _grouped(notices)
    first = {key: own[0] for key, own in told.items()}
    mailed = {first_of[notice.key] for notice in notices if Channel.MAIL in notice.channels}
    added = _added(first)
    pieces = {key: [one.piece() for one in own] for key, own in told.items() if own[0].occasion}
    grown = sums.add({key: own for key, own in pieces.items() if key not in added or len(own) > 1})
    _deliver([(row, first[row.key].goes_on or len(told[row.key]) > 1) for row in added.values() if row.key in mailed])
    unread.changed({row.user_id for row in added.values()} | grown)


def _grouped(notices: Sequence[Notice]) -> tuple[dict[str, list[Notice]], dict[str, str]]:
    """(by notification what it tells, each record once; by notice the notification that tells it)"""
    told: dict[str, list[Notice]] = {}
    first_of: dict[str, str] = {}
    met: set[tuple[str, UUID]] = set()
    for notice in notices:
        key = first_of.setdefault(notice.key, notice.told_by)
        if (key, notice.record_id) not in met:
            met.add((key, notice.record_id))
            told.setdefault(key, []).append(notice)
    return told, first_of


def _added(first: Mapping[str, Notice]) -> dict[str, Row[UUID, str, UUID]]:
    """(id, key, user) of those that were not there, by key."""
    statement = insert(Notification).on_conflict_do_nothing(index_elements=["key"])
    added = db.session.execute(
        statement.returning(Notification.id, Notification.key, Notification.user_id),
        [_row(key, notice) for key, notice in first.items()],
    )
    return {row.key: row for row in added}


def _row(key: str, notice: Notice) -> dict[str, Any]:
    kept = {name: getattr(notice, name) for name in _KEPT}
    return {"id": new_id(), "created_at": clock.now(), "key": key, "number": 1, "led_by": "", **kept}


def _deliver(told: Collection[tuple[Row[UUID, str, UUID], bool]]) -> None:
    """(notification, whether more may be added to it soon)"""
    if not told:
        return
    now = clock.now()
    rows = [
        {
            "id": new_id(),
            "created_at": now,
            "key": f"{one.key}:{Channel.MAIL}",
            "channel": Channel.MAIL,
            "notification_id": one.id,
            "user_id": one.user_id,
            "target": "",
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "due_at": now + sums.SETTLES if may_grow else now,
        }
        for one, may_grow in told
    ]
    db.session.execute(insert(Delivery).on_conflict_do_nothing(index_elements=["key"]), rows)
    relay.mark_due()


def name_occasions(occasions: Mapping[str, tuple[str, UUID]]) -> None:
    """By occasion, what it was, where that has a page of its own."""
    for occasion, (led_by, led_by_id) in occasions.items():
        nameless = (Notification.occasion == occasion) & (Notification.led_by == "")
        db.session.execute(update(Notification).where(nameless).values(led_by=led_by, led_by_id=led_by_id))


def read(notification: Notification, *, at: datetime) -> None:
    """Done twice it is done once."""
    if notification.read_at is None:
        notification.read_at = at
        unread.changed({notification.user_id})


def read_all(user_id: UUID, *, at: datetime) -> None:
    mine = (Notification.user_id == user_id) & Notification.read_at.is_(None)
    db.session.execute(update(Notification).where(mine).values(read_at=at))
    unread.changed({user_id})
