from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Row,
    Select,
    Subquery,
    Uuid,
    bindparam,
    func,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from app.activities.models import Activity, ActivityKind, Link, Mention
from app.core import bins, records
from app.core.entries import Place
from app.following.queries import OWN
from app.users.models import User
from tenants.db import db, rows
from tenants.errors import NotFound

PAGE = 50
MOST_LINKS = 100

_ASSIGNEE = aliased(User)
_LIMIT = bindparam("limit", type_=Integer)


def activity(activity_id: UUID) -> Activity:
    """Raises NotFound."""
    return records.load(Activity, activity_id)


def activity_to_change(activity_id: UUID) -> Activity:
    """Locked until the end of the request.

    Raises NotFound.
    """
    return records.load_to_change(Activity, activity_id)


# Built once: every page of a record asks, and home. Without an end a timeline begins now.
_NAMED = (
    select(func.array_agg(User.name))
    .join(Mention, Mention.user_id == User.id)
    .where(Mention.activity_id == Activity.id)
    .correlate(Activity)
    .scalar_subquery()
)
_TOLD = (
    Activity.id,
    Activity.kind,
    Activity.at,
    Activity.body,
    User.name.label("author"),
    Activity.due_on,
    Activity.due_time,
    Activity.repeats,
    Activity.done_at,
    _ASSIGNEE.name.label("assignee"),
    _NAMED.label("named"),
)
_SUBJECT = select(Link.kind, Link.record_id).where(Link.activity_id == Activity.id).order_by(Link.id).limit(1).lateral()
_ABOUT = (
    select(*_TOLD)
    .join(Link, Link.activity_id == Activity.id)
    .outerjoin(User, User.id == Activity.author_id)
    .outerjoin(_ASSIGNEE, _ASSIGNEE.id == Activity.assignee_id)
    .where(Link.record_id == bindparam("record_id"), Activity.deleted_at.is_(None))
    .order_by(Link.at.desc(), Link.activity_id.desc())
    .limit(_LIMIT)
)
_PLACE = tuple_(bindparam("before", type_=DateTime(timezone=True)), bindparam("before_id", type_=Uuid))
_BELOW = tuple_(Link.at, Link.activity_id) < _PLACE
_ABOUT_BEFORE = _ABOUT.where(_BELOW)


@cache
def _latest() -> Select[Any]:
    subject = (_SUBJECT.c.kind.label("subject_kind"), _SUBJECT.c.record_id.label("subject_id"))
    title = records.title_beside(_SUBJECT.c.kind, _SUBJECT.c.record_id)
    return (
        select(*_TOLD, *subject, title.c.title.label("subject_title"))
        .select_from(Activity)
        .join(_SUBJECT, true())
        .join(title, true())
        .outerjoin(User, User.id == Activity.author_id)
        .outerjoin(_ASSIGNEE, _ASSIGNEE.id == Activity.assignee_id)
        .where(Activity.deleted_at.is_(None))
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(_LIMIT)
    )


@cache
def _followed(*, until: bool) -> Select[Any]:
    found = _newest_of_followed(until=until)
    subject = (found.c.kind.label("subject_kind"), found.c.record_id.label("subject_id"))
    return (
        select(*_TOLD, *subject, found.c.title.label("subject_title"))
        .join(found, found.c.activity_id == Activity.id)
        .outerjoin(User, User.id == Activity.author_id)
        .outerjoin(_ASSIGNEE, _ASSIGNEE.id == Activity.assignee_id)
        .order_by(Activity.at.desc(), Activity.id.desc())
    )


def _newest_of_followed(*, until: bool) -> Subquery:
    """Bounded: each record's activities are read from the end of its own stretch of one index. One that is on several
    records is told once.
    """
    newest = (
        select(Link.at, Link.activity_id)
        .join(Activity, Activity.id == Link.activity_id)
        .where(Link.record_id == OWN.c.record_id, Activity.deleted_at.is_(None))
        .order_by(Link.at.desc(), Link.activity_id.desc())
    )
    each = (newest.where(_BELOW) if until else newest).limit(_LIMIT).lateral()
    title = records.title_beside(OWN.c.kind, OWN.c.record_id)
    return (
        select(OWN.c.kind, OWN.c.record_id, title.c.title, each.c.activity_id)
        .select_from(OWN)
        .join(each, true())
        .join(title, true())
        .ext(distinct_on(each.c.at, each.c.activity_id))
        .order_by(each.c.at.desc(), each.c.activity_id.desc(), OWN.c.record_id)
        .limit(_LIMIT)
        .subquery()
    )


_IS_TASK, _HAPPENED = Activity.kind == ActivityKind.TASK, Activity.kind != ActivityKind.TASK


@cache
def _deleted(what: ColumnElement[bool]) -> Select[Any]:
    """With the record that each was entered on, whether or not that lies in the recycle bin too."""
    subject = (_SUBJECT.c.kind.label("subject_kind"), _SUBJECT.c.record_id.label("subject_id"))
    title = records.any_title_beside(_SUBJECT.c.kind, _SUBJECT.c.record_id)
    told = (Activity.id, Activity.kind, Activity.body, Activity.deleted_at)
    return (
        select(*told, *subject, title.c.title.label("subject_title"), title.c.deleted_at.label("subject_deleted_at"))
        .select_from(Activity)
        .outerjoin(_SUBJECT, true())
        .outerjoin(title, true())
        .where(Activity.deleted_at.is_not(None), what)
        .order_by(Activity.deleted_at.desc(), Activity.id.desc())
        .limit(_LIMIT)
    )


def _discarded(what: ColumnElement[bool], *, limit: int, behind: UUID | None) -> Sequence[Row[Any]]:
    statement = _deleted(what) if behind is None else _deleted(what & bins.comes_behind(Activity))
    return rows(statement, {"limit": limit, "behind": behind})


_MENTIONS = (
    select(
        Mention.id.label("mention_id"),
        Mention.read_at,
        *_TOLD,
        _SUBJECT.c.kind.label("subject_kind"),
        _SUBJECT.c.record_id.label("subject_id"),
    )
    .select_from(Mention)
    .join(Activity, Activity.id == Mention.activity_id)
    .outerjoin(_SUBJECT, true())
    .outerjoin(User, User.id == Activity.author_id)
    .outerjoin(_ASSIGNEE, _ASSIGNEE.id == Activity.assignee_id)
    .where(Mention.user_id == bindparam("user_id"), Activity.deleted_at.is_(None))
    .order_by(Mention.id.desc())
    .limit(_LIMIT)
)
_MENTIONS_BEFORE = _MENTIONS.where(Mention.id < bindparam("before"))


def about(record_id: UUID, *, before: Place | None, limit: int) -> Sequence[Row[Any]]:
    """Everything a timeline tells of one record's activities, newest first: columns of the activity, with the names of
    author, assignee and those whom the text names.
    """
    statement = _ABOUT if before is None else _ABOUT_BEFORE
    return rows(statement, {"record_id": record_id, "limit": limit, **_bound(before)})


def latest(limit: int) -> Sequence[Row[Any]]:
    """The same of the whole firm, each with subject_kind and subject_id: the record that it was entered on."""
    return rows(_latest(), {"limit": limit})


def followed_by(user_id: UUID, *, before: Place | None, limit: int) -> Sequence[Row[Any]]:
    """The same of what a user follows, each with the record for which the user hears of it."""
    return rows(_followed(until=before is not None), {"user_id": user_id, "limit": limit, **_bound(before)})


def _bound(before: Place | None) -> dict[str, object]:
    return {"before": before.at, "before_id": before.id} if before else {}


def deleted(limit: int, *, behind: UUID | None = None) -> Sequence[Row[Any]]:
    """What happened and lies in the recycle bin, the last one deleted first: (id, kind, body, deleted_at) and
    subject_kind, subject_id, subject_title, subject_deleted_at of the record that it was entered on.
    """
    return _discarded(_HAPPENED, limit=limit, behind=behind)


def deleted_tasks(limit: int, *, behind: UUID | None = None) -> Sequence[Row[Any]]:
    """The same of tasks; such as are on no record have no subject."""
    return _discarded(_IS_TASK, limit=limit, behind=behind)


def mentions_of(user_id: UUID, *, before: UUID | None) -> Sequence[Row[Any]]:
    """The same of what names a user, newest first, with mention_id and read_at; one more than a page where there is
    one. A task that is on no record has no subject.
    """
    statement = _MENTIONS if before is None else _MENTIONS_BEFORE
    return rows(statement, {"user_id": user_id, "before": before, "limit": PAGE + 1})


def mention(mention_id: UUID, *, of: UUID | None) -> Mention:
    """Raises NotFound, also where it is somebody else who is named."""
    found = db.session.get(Mention, mention_id)
    if found is None or found.user_id != of:
        raise NotFound
    return found


def links_of(activity_id: UUID) -> Sequence[Link]:
    """The records that it is on, in the order in which they were added."""
    links = select(Link).where(Link.activity_id == activity_id).order_by(Link.id).limit(MOST_LINKS)
    return db.session.scalars(links).all()
