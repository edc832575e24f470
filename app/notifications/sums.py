"""Many records told as one: what comes of one thing that a person did is one notification a rule and user, which grows.

Changes are forwarded in turns, and an import comes in chunks, so a notification that is there already counts on. Each
record counts once, whatever comes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.notifications.models import Channel, Delivery, DeliveryState, Event, Notification, ToldRecord
from tenants import clock
from tenants.db import db, new_id

SETTLES = timedelta(seconds=30)
"""So long nothing is added before the mail of a sum leaves, so that it says the right number."""

_LATEST = timedelta(minutes=10)
"""So long after the first record it leaves anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one record adds."""

    record_id: UUID
    subject: str
    event: Event
    at: datetime


def add(pieces: Mapping[str, Sequence[Piece]]) -> set[UUID]:
    """By key of a notification that is there, what may be new to it. Answers whose users must look again."""
    keys = [key for key, own in pieces.items() if own]
    if not keys:
        return set()
    query = select(Notification).where(Notification.key.in_(keys)).order_by(Notification.id).with_for_update()
    found = db.session.scalars(query).all()
    further = [(one, piece) for one in found for piece in pieces[one.key] if piece.record_id != one.record_id]
    grown = _written(further)
    for one in found:
        if grown.get(one.id):
            _grow(one, pieces[one.key], by=grown[one.id])
    db.session.flush()
    _put_off_mails(grown)
    return {one.user_id for one in found if grown.get(one.id)}


def _written(further: Iterable[tuple[Notification, Piece]]) -> dict[UUID, int]:
    """How many of them were new, by notification."""
    now = clock.now()
    values = [
        {
            "id": new_id(),
            "created_at": now,
            "notification_id": one.id,
            "subject": piece.subject,
            "record_id": piece.record_id,
        }
        for one, piece in further
    ]
    if not values:
        return {}
    statement = insert(ToldRecord).on_conflict_do_nothing(index_elements=["notification_id", "record_id"])
    grown: dict[UUID, int] = {}
    for row in db.session.execute(statement.returning(ToldRecord.notification_id), values):
        grown[row.notification_id] = grown.get(row.notification_id, 0) + 1
    return grown


def _grow(one: Notification, pieces: Sequence[Piece], *, by: int) -> None:
    one.number += by
    one.read_at = None
    one.at = max([one.at, *(piece.at for piece in pieces)])
    if any(piece.event is not one.event for piece in pieces):
        one.event = Event.CHANGED
    if any(piece.subject != one.subject for piece in pieces):
        one.subject = ""


def _put_off_mails(grown: Mapping[UUID, int]) -> None:
    if not grown:
        return
    until = func.least(clock.now() + SETTLES, Delivery.created_at + _LATEST)
    waits = (Delivery.channel == Channel.MAIL, Delivery.state == DeliveryState.PENDING, Delivery.attempts == 0)
    db.session.execute(update(Delivery).where(Delivery.notification_id.in_(grown), *waits).values(due_at=until))


def records(notification: Notification, *, most: int) -> Mapping[str, Sequence[UUID]]:
    """The first of what it tells of, by kind."""
    query = select(ToldRecord.subject, ToldRecord.record_id).where(ToldRecord.notification_id == notification.id)
    found: dict[str, list[UUID]] = {}
    if notification.subject:
        found[notification.subject] = [notification.record_id]
    for row in db.session.execute(query.order_by(ToldRecord.id).limit(most)):
        found.setdefault(row.subject, []).append(row.record_id)
    return found
