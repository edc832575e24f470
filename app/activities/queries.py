from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, true

from app.activities.models import Activity, Link
from app.core import records
from app.users.models import User
from tenants.db import db
from tenants.errors import NotFound


def activity(activity_id: UUID) -> Activity:
    """Raises NotFound."""
    return records.load(Activity, activity_id)


def about(record_id: UUID, *, before: datetime | None, limit: int) -> Sequence[Row[Activity, str]]:
    """(activity, its author's name) of one record's timeline, newest first."""
    statement = (
        select(Activity, User.name)
        .join(Link, Link.activity_id == Activity.id)
        .outerjoin(User, User.id == Activity.author_id)
        .where(Link.record_id == record_id, Activity.deleted_at.is_(None))
        .order_by(Link.at.desc(), Link.activity_id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(Link.at < before)
    return db.session.execute(statement).all()


def latest(limit: int) -> Sequence[Row[Any, Any, Any, Any]]:
    """(activity, its author's name, kind and id of the record it was entered on) of the whole firm, newest first."""
    subject = (
        select(Link.kind, Link.record_id).where(Link.activity_id == Activity.id).order_by(Link.id).limit(1).lateral()
    )
    return db.session.execute(
        select(Activity, User.name, subject.c.kind, subject.c.record_id)
        .select_from(Activity)
        .join(subject, true())
        .outerjoin(User, User.id == Activity.author_id)
        .where(Activity.deleted_at.is_(None))
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(limit)
    ).all()


def first_subject(activity_id: UUID) -> Link:
    """The record that the activity was entered on.

    Raises NotFound.
    """
    link = db.session.scalar(select(Link).where(Link.activity_id == activity_id).order_by(Link.id).limit(1))
    if link is None:
        raise NotFound
    return link
