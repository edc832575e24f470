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

from app.notifications import deliveries, telling, troubles
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
    error: str

    @property
    def why(self) -> str:
        return troubles.of_mail(self.error)


def shown() -> Sequence[Failed]:
    """The newest first."""
    found = [*_of_notifications(), *of_platform(tenant_id=current_scope().tenant_id)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def of_platform(*, tenant_id: UUID | None) -> Sequence[Failed]:
    """Links and invitations, the newest first: of a firm, or all there are."""
    return [_of_platform(row) for row in mail.failed(tenant_id=tenant_id, most=MOST)]


def _of_platform(row: Row[Any]) -> Failed:
    return Failed(mail_id=row.id, to=row.recipient, about=row.subject, at=row.created_at, error=row.error or "")


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
    return Failed(mail_id=row.id, to=f"{row.name}, {row.email}", about=about, at=row.created_at, error=row.error or "")


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
