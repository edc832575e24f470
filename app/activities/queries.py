from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, bindparam, select, true

from app.activities.models import Activity, Link
from app.core import records
from app.users.models import User
from tenants.db import db, rows
from tenants.errors import NotFound


def activity(activity_id: UUID) -> Activity:
    """Raises NotFound."""
    return records.load(Activity, activity_id)


# Built once: every page of a record asks, and home. Without an end a timeline begins now.
_TOLD = (Activity.id, Activity.kind, Activity.at, Activity.body, User.name.label("author"))
_ABOUT = (
    select(*_TOLD)
    .join(Link, Link.activity_id == Activity.id)
    .outerjoin(User, User.id == Activity.author_id)
    .where(Link.record_id == bindparam("record_id"), Activity.deleted_at.is_(None))
    .order_by(Link.at.desc(), Link.activity_id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_ABOUT_BEFORE = _ABOUT.where(Link.at < bindparam("before"))
_SUBJECT = select(Link.kind, Link.record_id).where(Link.activity_id == Activity.id).order_by(Link.id).limit(1).lateral()
_LATEST = (
    select(*_TOLD, _SUBJECT.c.kind.label("subject_kind"), _SUBJECT.c.record_id.label("subject_id"))
    .select_from(Activity)
    .join(_SUBJECT, true())
    .outerjoin(User, User.id == Activity.author_id)
    .where(Activity.deleted_at.is_(None))
    .order_by(Activity.at.desc(), Activity.id.desc())
    .limit(bindparam("limit", type_=Integer))
)


def about(record_id: UUID, *, before: datetime | None, limit: int) -> Sequence[Row[Any]]:
    """(id, kind, at, body, author) of one record's timeline, newest first."""
    statement = _ABOUT if before is None else _ABOUT_BEFORE
    return rows(statement, {"record_id": record_id, "before": before, "limit": limit})


def latest(limit: int) -> Sequence[Row[Any]]:
    """The same of the whole firm, each with subject_kind and subject_id: the record that it was entered on."""
    return rows(_LATEST, {"limit": limit})


def first_subject(activity_id: UUID) -> Link:
    """The record that the activity was entered on.

    Raises NotFound.
    """
    link = db.session.scalar(select(Link).where(Link.activity_id == activity_id).order_by(Link.id).limit(1))
    if link is None:
        raise NotFound
    return link
