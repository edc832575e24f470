from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    Row,
    Select,
    Subquery,
    Uuid,
    bindparam,
    literal,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from app.core import records
from app.core.entities import EntityType, entity_types
from app.core.entries import Place
from app.following.queries import OWN
from app.users.models import User
from tenants.changes import Change
from tenants.db import rows

MOST = 400
"""Changes read for one page; those of one transaction are told as one entry."""

_LIMIT = bindparam("limit", type_=Integer)
_MOST_ORD, _MOST_XID = (1 << 31) - 1, (1 << 63) - 1
_IN_ORDER = (Change.at.desc(), Change.ord.desc(), Change.xid.desc())
_POSITION = tuple_(Change.at, Change.ord, Change.xid)
_PLACE = tuple_(
    bindparam("before", type_=DateTime(timezone=True)),
    bindparam("before_ord", type_=Integer),
    bindparam("before_xid", type_=BigInteger),
)


def changes_of(entity: EntityType, record_id: UUID, *, before: Place | None) -> Sequence[Row[Any]]:
    """Changes of a record and its parts, newest first: what the journal says, who made it, and of which kind the
    part is and what it is called now.
    """
    return rows(_changes_of(entity, until=before is not None), {"record_id": record_id, **_bound(before)})


def place_id(change: Row[Any]) -> UUID:
    """What orders the changes of one moment: the position within the statement, then the transaction."""
    return UUID(int=(change.ord << 64) + change.xid)


def _bound(before: Place | None) -> dict[str, object]:
    """The same read again. What is no place of the journal stands before or behind all of a moment's changes."""
    if before is None:
        return {}
    high, low = divmod(before.id.int, 1 << 64)
    return {"before": before.at, "before_ord": min(high, _MOST_ORD), "before_xid": min(low, _MOST_XID)}


def last_change(record_id: UUID) -> Row[Any] | None:
    """(table_name, actor, who)"""
    return next(iter(rows(_LAST, {"record_id": record_id})), None)


_Above = aliased(Change)
_IS_ABOVE = tuple_(_Above.at, _Above.ord, _Above.xid) >= _PLACE
"""A transaction whose last change stands on an earlier page was told there as a whole."""

_LAST = (
    select(Change.table_name, Change.actor, User.name.label("who"))
    .outerjoin(User, User.id == Change.actor)
    .where(Change.record_id == bindparam("record_id"))
    .order_by(Change.at.desc(), Change.ord.desc())
    .limit(1)
)


def changes_followed_by(user_id: UUID, *, before: Place | None, limit: int) -> Sequence[Row[Any]]:
    """The same of the records that a user follows, and how each is called: ``kind``, ``record_id``, ``title``. Those
    in the recycle bin are left out.
    """
    return rows(_changes_followed(until=before is not None), {"user_id": user_id, "limit": limit, **_bound(before)})


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
        .order_by(found.c.at.desc(), found.c.ord.desc(), found.c.xid.desc())
    )


def _newest_of_each(*, until: bool) -> Subquery:
    """Bounded: each record's changes are read from the end of its own stretch of one index."""
    told = (Change.at, Change.ord, Change.xid, Change.table_name, Change.op, Change.old, Change.new, Change.actor)
    newest = select(*told).where(Change.record_id == OWN.c.record_id).order_by(*_IN_ORDER)
    above = select(_Above.xid).where(_Above.record_id == OWN.c.record_id, _IS_ABOVE).correlate(OWN)
    below = newest.where(_POSITION < _PLACE, Change.xid.not_in(above))
    each = (below if until else newest).limit(_LIMIT).lateral()
    found = select(OWN, each).select_from(OWN).join(each, true())
    return found.order_by(each.c.at.desc(), each.c.ord.desc(), each.c.xid.desc()).limit(_LIMIT).subquery()


@cache
def _changes_of(entity: EntityType, *, until: bool) -> Select[Any]:
    """Built once: every page of a record asks."""
    about = _record_and_parts(entity)
    told = (Change.at, Change.ord, Change.xid, Change.table_name, Change.op, Change.old, Change.new)
    statement = (
        select(*told, User.name.label("who"), about.c.kind, about.c.name)
        .join(about, about.c.id == Change.record_id)
        .outerjoin(User, User.id == Change.actor)
        .order_by(*_IN_ORDER)
        .limit(MOST)
    )
    above = select(_Above.xid).where(_Above.record_id.in_(select(about.c.id)), _IS_ABOVE)
    return statement.where(_POSITION < _PLACE, Change.xid.not_in(above)) if until else statement


def _record_and_parts(entity: EntityType) -> Subquery:
    record_id = bindparam("record_id", type_=Uuid)
    own = select(record_id.label("id"), literal("").label("kind"), literal("").label("name"))
    parts = [
        select(part.model.id, part.kind, part.name).where(getattr(part.model, part.owner) == record_id)
        for extension in entity_types.extensions(entity)
        for part in extension.parts
    ]
    return union_all(own, *parts).subquery("about")
