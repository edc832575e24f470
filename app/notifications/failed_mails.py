"""Mails of the firm that could not be sent: to whom, what about, when, why. Sent once more, or discarded.

Those of notifications stand in the firm's own rows; invitations are the platform's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from app.notifications import deliveries, telling
from app.notifications.models import Channel, Delivery, DeliveryState, Notification
from app.users import queries as users
from app.users.models import User
from tenants import clock, mail
from tenants.context import current_scope
from tenants.db import db

MOST = 100

_DEAD = (Delivery.channel == Channel.MAIL, Delivery.state == DeliveryState.DEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    mail_id: UUID
    to: str
    about: str
    at: datetime
    why: str


def shown() -> Sequence[Failed]:
    """The newest first."""
    own = mail.failed(tenant_id=current_scope().tenant_id, most=MOST)
    found = [*_of_notifications(), *(_of_platform(row) for row in own)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def _of_platform(row: Row[Any]) -> Failed:
    return Failed(mail_id=row.id, to=row.recipient, about=row.subject, at=row.created_at, why=row.error or "")


def _of_notifications() -> Sequence[Failed]:
    query = (
        select(Delivery.id, Delivery.created_at, Delivery.error, User.name, User.email, Notification)
        .join(Notification, Notification.id == Delivery.notification_id)
        .join(User, User.id == Delivery.user_id)
        .where(*_DEAD)
        .order_by(Delivery.created_at.desc(), Delivery.id)
        .limit(MOST)
    )
    rows = db.session.execute(query).all()
    names = users.names({row.Notification.actor_id for row in rows if row.Notification.actor_id})
    return [_of_notification(row, telling.say(row.Notification, names)) for row in rows]


def _of_notification(row: Row[Any], said: telling.Said) -> Failed:
    about = f"{said.title}: {said.headline}"
    return Failed(mail_id=row.id, to=f"{row.name}, {row.email}", about=about, at=row.created_at, why=row.error or "")


def send_again(mail_id: UUID) -> None:
    """Raises NotFound."""
    if _is_of_notification(mail_id):
        deliveries.retry(mail_id, at=clock.now())
    else:
        mail.send_again(mail_id, tenant_id=current_scope().tenant_id)


def discard(mail_id: UUID) -> None:
    """Raises NotFound."""
    if _is_of_notification(mail_id):
        deliveries.discard(mail_id)
    else:
        mail.discard(mail_id, tenant_id=current_scope().tenant_id)


def _is_of_notification(mail_id: UUID) -> bool:
    return db.session.scalar(select(Delivery.id).where(Delivery.id == mail_id, *_DEAD)) is not None
