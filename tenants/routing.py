"""Routing: every change of a tenant is taken up once, in one order, and gets a position without gaps.

The triggers write ``unrouted`` in the transaction that changed something. Taking deletes, so nobody waits for anybody:
a cursor over ids would lose what commits late.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Row,
    String,
    Uuid,
    any_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from tenants.changes import Change, Unrouted
from tenants.db import TenantModel, db, new_id, rows
from tenants.errors import Refusal


class Routed(TenantModel):
    """A change that was taken up. Whoever follows all changes asks for what stands behind a position."""

    __tablename__ = "routed"
    __table_args__ = ({"info": {"unrecorded": "It points to the journal."}},)

    created_at = None  # type: ignore[assignment]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Of the change."""

    position: Mapped[int] = mapped_column(BigInteger, unique=True)
    """1, 2, 3 and so on; what has one position is committed before the next is given."""


class CursorTooOld(Refusal):
    """What has happened since then is no longer told. Please read everything once more and follow the changes from now
    on.
    """

    code = "cursor_too_old"


class Busy(Exception):
    """Another worker takes up the changes of this tenant."""


class Router(TenantModel):
    """One row: how far this tenant is. Whoever holds its lock takes up changes; others go away."""

    __tablename__ = "router"
    __table_args__ = ({"info": {"unrecorded": "It counts the journal."}},)

    created_at = None  # type: ignore[assignment]
    position: Mapped[int] = mapped_column(BigInteger)


class Leftover(TenantModel):
    """A piece of what one statement changed, where it was too much for a turn."""

    __tablename__ = "leftovers"
    __table_args__ = ({"info": {"unrecorded": "It points to the journal."}},)

    created_at = None  # type: ignore[assignment]
    at: Mapped[datetime]
    changes: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))


_FIRST_LEFTOVER = select(Leftover.id).order_by(Leftover.id).limit(1).scalar_subquery()
_LEFTOVER = delete(Leftover).where(Leftover.id == _FIRST_LEFTOVER).returning(Leftover.id, Leftover.at, Leftover.changes)
_HOLD = select(Router.id, Router.position).limit(1).with_for_update(skip_locked=True)
# The first statements' changes, so many that they make a turn: what a statement brings is added up in order.
_NEXT = text(
    "DELETE FROM unrouted WHERE id IN (SELECT id FROM ("
    " SELECT id, sum(cardinality(changes)) OVER (ORDER BY at, id) - cardinality(changes) AS before"
    " FROM (SELECT id, at, changes FROM unrouted ORDER BY at, id LIMIT :most) u) s WHERE before < :most)"
    " RETURNING id, at, changes"
)
_TOLD = (
    Change.id,
    Change.at,
    Change.ord,
    Change.xid,
    Change.table_name,
    Change.record_id,
    Change.op,
    Change.old,
    Change.new,
    Change.actor,
    Change.request,
    Change.source,
    Change.depth,
)
_CHANGES = select(*_TOLD).where(Change.id == any_(bindparam("ids", type_=ARRAY(Uuid))))


def take(most: int) -> Sequence[Row[Any]]:
    """At most so many changes that nobody has taken up yet, in order, as the journal has them.

    They are taken up with the unit of work: where it is undone, they come again. Raises Busy.
    """
    held = db.session.execute(_HOLD).one_or_none()
    if held is None:
        raise Busy
    statements = rows(_LEFTOVER) or sorted(rows(_NEXT, {"most": most}), key=lambda row: (row.at, row.id))
    ids = [one for row in statements for one in row.changes]
    if not ids:
        return []
    _leave(statements[-1], ids[most:], most)
    order = {one: place for place, one in enumerate(ids[:most])}
    found = rows(_CHANGES, {"ids": ids[:most]})
    taken = sorted(found, key=lambda change: (change.at, change.ord, order[change.id]))
    _note(held.id, held.position, taken)
    return taken


def changes(ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """These changes as the journal has them, as far as it has them still."""
    return rows(_CHANGES, {"ids": list(ids)})


def _leave(last: Row[Any], ids: Sequence[UUID], most: int) -> None:
    """One statement may have changed a hundred thousand rows: the rest of it waits, in pieces of a turn each."""
    pieces = [ids[start : start + most] for start in range(0, len(ids), most)]
    if pieces:
        db.session.execute(insert(Leftover), [{"id": new_id(), "at": last.at, "changes": part} for part in pieces])


def _note(router_id: UUID, position: int, taken: Sequence[Row[Any]]) -> None:
    noted = [{"id": change.id, "position": position + place} for place, change in enumerate(taken, start=1)]
    db.session.execute(insert(Routed), noted)
    db.session.execute(update(Router).where(Router.id == router_id).values(position=position + len(taken)))


_ANY = select(exists(select(Unrouted.id)) | exists(select(Leftover.id)))


def has_more() -> bool:
    return bool(rows(_ANY)[0][0])


_HEAD = select(Router.position).limit(1).subquery()
_BEHIND = (
    select(Routed.position, *_TOLD)
    .join(Change, Change.id == Routed.id)
    .where(
        Routed.position > bindparam("position", type_=BigInteger),
        # What is taken up meanwhile stands behind it, so that nothing is jumped over.
        Routed.position <= _HEAD.c.position,
        Change.table_name == any_(bindparam("tables", type_=ARRAY(String))),
    )
    .order_by(Routed.position)
    .limit(bindparam("limit", type_=Integer))
    .lateral()
)
_OLDEST = select(func.min(Routed.position)).scalar_subquery()
_FEED = select(_HEAD.c.position.label("head"), _OLDEST.label("oldest"), _BEHIND).select_from(
    _HEAD.outerjoin(_BEHIND, true())
)


def after(position: int | None, *, tables: Sequence[str], limit: int) -> tuple[Sequence[Row[Any]], int]:
    """(the changes of these tables behind a position, in order, each with its own; the position behind them)

    Nothing is ever added before what was seen. Without a position it begins with the oldest that is kept. This is the
    one way in which programs follow the journal. Raises CursorTooOld.
    """
    told = rows(_FEED, {"position": position or 0, "tables": list(tables), "limit": limit})
    head, oldest = told[0].head, told[0].oldest
    if position is not None and position < (head if oldest is None else oldest - 1):
        raise CursorTooOld
    found = [row for row in told if row.position is not None]
    return found, found[-1].position if len(found) == limit else max(position or 0, head)


_FIRST = (
    select(Change.at, Routed.position)
    .join(Change, Change.id == Routed.id)
    .order_by(Routed.position)
    .limit(bindparam("most", type_=Integer))
)


def forget(*, before: datetime, most: int) -> int:
    """Remove the first of those taken up, at most so many, as far as they are all older; answers how many."""
    first = rows(_FIRST, {"most": most})
    old = list(takewhile(lambda row: row.at < before, first))
    if old:
        db.session.execute(delete(Routed).where(Routed.position <= old[-1].position))
    return len(old)


_LATEST_ROUTED = (
    select(Routed.id, Routed.position)
    .order_by(Routed.position.desc())
    .limit(bindparam("most", type_=BigInteger))
    .subquery()
)
_LATEST = (
    select(*_TOLD)
    .join(_LATEST_ROUTED, _LATEST_ROUTED.c.id == Change.id)
    .where(Change.table_name == any_(bindparam("tables", type_=ARRAY(String))), Change.at >= bindparam("since"))
    .order_by(Change.at, Change.ord, _LATEST_ROUTED.c.position)
)


def latest(tables: Collection[str], *, since: datetime, most: int) -> Sequence[Row[Any]]:
    """Of the last so many changes that were taken up, those of these tables since a moment, oldest first."""
    return rows(_LATEST, {"tables": list(tables), "since": since, "most": most})


def waiting_since() -> datetime | None:
    """Since when the oldest change waits that nobody has taken up."""
    return db.session.scalar(select(Unrouted.at).order_by(Unrouted.at).limit(1))
