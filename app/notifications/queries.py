from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from app.notifications.models import Notification
from tenants.db import db
from tenants.errors import NotFound

PAGE = 50


def mine(user_id: UUID, *, before: UUID | None, limit: int = PAGE) -> Sequence[Notification]:
    """Newest first: so many, and one more where there is a next."""
    return _listed(Notification.user_id == user_id, before, limit)


def mine_unread(user_id: UUID, *, before: UUID | None, limit: int = PAGE) -> Sequence[Notification]:
    return _listed((Notification.user_id == user_id) & Notification.read_at.is_(None), before, limit)


def _listed(wanted: ColumnElement[bool], before: UUID | None, limit: int) -> Sequence[Notification]:
    position = (Notification.at, Notification.id)
    query = select(Notification).where(wanted)
    if before is not None:
        start = select(*position).where(Notification.id == before).scalar_subquery()
        query = query.where(tuple_(*position) < start)
    return db.session.scalars(query.order_by(*(one.desc() for one in position)).limit(limit + 1)).all()


def notification(notification_id: UUID, *, of: UUID | None) -> Notification:
    """Raises NotFound for somebody else's."""
    found = db.session.get(Notification, notification_id)
    if found is None or found.user_id != of:
        raise NotFound
    return found
