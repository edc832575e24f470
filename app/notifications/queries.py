from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, tuple_

from app.notifications.models import Notification
from tenants.db import db
from tenants.errors import NotFound

PAGE = 50


def mine(user_id: UUID, *, before: UUID | None) -> Sequence[Notification]:
    """Newest first: a page, and one more where there is a next."""
    position = (Notification.at, Notification.id)
    query = select(Notification).where(Notification.user_id == user_id)
    if before is not None:
        start = select(*position).where(Notification.id == before, Notification.user_id == user_id).scalar_subquery()
        query = query.where(tuple_(*position) < start)
    return db.session.scalars(query.order_by(*(one.desc() for one in position)).limit(PAGE + 1)).all()


def notification(notification_id: UUID, *, of: UUID | None) -> Notification:
    """Raises NotFound for somebody else's."""
    found = db.session.get(Notification, notification_id)
    if found is None or found.user_id != of:
        raise NotFound
    return found
