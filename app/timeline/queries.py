from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, Select, Subquery, Uuid, bindparam, literal, select, true, union_all

from app.core import records
from app.core.entities import EntityType, entity_types
from app.following.queries import OWN
from app.users.models import User
from tenants.changes import Change
from tenants.db import rows

MOST = 400
"""Changes read for one page; those of one transaction are told as one entry."""

_LIMIT = bindparam("limit", type_=Integer)


def changes_of(entity: EntityType, record_id: UUID, *, before: datetime | None) -> Sequence[Row[Any]]:
    """Changes of a record and its parts, newest first: what the journal says, who made it, and of which kind the
    part is and what it is called now.
    """
    return rows(_changes_of(entity, until=before is not None), {"record_id": record_id, "before": before})


def last_change(record_id: UUID) -> Row[Any] | None:
    """(table_name, actor, who)"""
    return next(iter(rows(_LAST, {"record_id": record_id})), None)


_LAST = (
    select(Change.table_name, Change.actor, User.name.label("who"))
    .outerjoin(User, User.id == Change.actor)
    .where(Change.record_id == bindparam("record_id"))
    .order_by(Change.at.desc(), Change.ord.desc())
    .limit(1)
)


def changes_followed_by(user_id: UUID, *, before: datetime | None, limit: int) -> Sequence[Row[Any]]:
    """The same of the records that a user follows, and how each is called: ``kind``, ``record_id``, ``title``. Those
    in the recycle bin are left out.
    """
    return rows(_changes_followed(until=before is not None), {"user_id": user_id, "before": before, "limit": limit})


@cache
def _changes_followed(*, until: bool) -> Select[Any]:
    """Built once: home asks."""
    found = _newest_of_each(until=until)
    title = records.title_beside(found.c.kind, found.c.record_id)
    return (
        select(found, User.name.label("who"), title.c.title)
        .select_from(found)
        .join(title, true())
        .outerjoin(User, User.id == found.c.actor)
        .order_by(found.c.at.desc(), found.c.ord.desc())
    )


def _newest_of_each(*, until: bool) -> Subquery:
    """Bounded: each record's changes are read from the end of its own stretch of one index."""
    told = (Change.at, Change.ord, Change.xid, Change.table_name, Change.op, Change.old, Change.new, Change.actor)
    newest = select(*told).where(Change.record_id == OWN.c.record_id).order_by(Change.at.desc(), Change.ord.desc())
    each = (newest.where(Change.at < bindparam("before")) if until else newest).limit(_LIMIT).lateral()
    found = select(OWN, each).select_from(OWN).join(each, true())
    return found.order_by(each.c.at.desc(), each.c.ord.desc()).limit(_LIMIT).subquery()


@cache
def _changes_of(entity: EntityType, *, until: bool) -> Select[Any]:
    """Built once: every page of a record asks."""
    about = _record_and_parts(entity)
    told = (Change.at, Change.xid, Change.table_name, Change.op, Change.old, Change.new)
    statement = (
        select(*told, User.name.label("who"), about.c.kind, about.c.name)
        .join(about, about.c.id == Change.record_id)
        .outerjoin(User, User.id == Change.actor)
        .order_by(Change.at.desc(), Change.ord.desc())
        .limit(MOST)
    )
    return statement.where(Change.at < bindparam("before")) if until else statement


def _record_and_parts(entity: EntityType) -> Subquery:
    record_id = bindparam("record_id", type_=Uuid)
    own = select(record_id.label("id"), literal("").label("kind"), literal("").label("name"))
    parts = [
        select(part.model.id, part.kind, part.name).where(getattr(part.model, part.owner) == record_id)
        for extension in entity_types.extensions(entity)
        for part in extension.parts
    ]
    return union_all(own, *parts).subquery("about")
