from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, any_, bindparam, func, select, tuple_

from app.core import keys, records
from app.users.models import User
from tenants import cache
from tenants.db import db, rows

MOST = 500
"""People that a select can offer."""

PAGE = 100

_OFFERED, _A_MINUTE = "users.offered", timedelta(minutes=1)


def user(user_id: UUID) -> User:
    """Raises NotFound."""
    return records.load(User, user_id)


def user_to_change(user_id: UUID) -> User:
    """Locked until the end of the request.

    Raises NotFound.
    """
    return records.load_to_change(User, user_id)


_ACTIVE = (
    select(User.id, User.name)
    .where(User.active, User.deleted_at.is_(None))
    .order_by(func.lower(User.name), User.id)
    .limit(MOST)
)
_NAMES = select(User.id, User.name).where(User.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
_KNOWN = select(User.id, User.name, User.active).where(User.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
_LISTED = select(User.id, User.name, User.email, User.role, User.active).where(User.deleted_at.is_(None))
_POSITION = (func.lower(User.name), User.id)
_FIRST = _LISTED.order_by(*_POSITION).limit(PAGE + 1)
_START = select(*_POSITION).where(User.id == bindparam("after")).scalar_subquery()
_FOLLOWS = tuple_(*_POSITION) > _START
_NEXT = _FIRST.where(_FOLLOWS)
_TAKEN = select(User.id).where(User.email == bindparam("email"), User.deleted_at.is_(None)).limit(1)


def active() -> Sequence[Row[Any]]:
    """(id, name) of those who can be given something to do, by name, at most ``MOST``."""
    return sorted(rows(_ACTIVE), key=lambda row: (keys.sort_key(row.name), row.id))


def offered() -> Sequence[tuple[UUID, str]]:
    """The same for the selects of pages that are opened all day."""
    return cache.remember_together(_OFFERED, lambda: [(row.id, row.name) for row in active()], for_=_A_MINUTE)


def forget_offered() -> None:
    """Somebody came, went or is called otherwise."""
    cache.forget_together()


def names(ids: Collection[UUID]) -> Mapping[UUID, str]:
    """What these people are called, those who have left included."""
    return {row.id: row.name for row in rows(_NAMES, {"ids": list(ids)})}


def known(ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """(id, name, active) of these people."""
    return rows(_KNOWN, {"ids": list(ids)})


def page(*, after: UUID | None) -> tuple[Sequence[Row[Any]], UUID | None]:
    """(id, name, email, role, active) by name, and after whom the next page begins."""
    found = rows(_FIRST) if after is None else rows(_NEXT, {"after": after})
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def is_user(email: str) -> bool:
    """Whether this address belongs to somebody here, active or not."""
    return db.session.execute(_TAKEN, {"email": email}).first() is not None


def can_inherit(user_id: UUID, *, from_user: UUID) -> bool:
    """Whether this is somebody else who is active."""
    found = db.session.get(User, user_id)
    return found is not None and found.active and found.deleted_at is None and found.id != from_user
