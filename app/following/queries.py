from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, any_, bindparam, select

from app.core import access
from app.following.models import Follow
from app.users.models import User
from tenants import cache
from tenants.context import current_actor
from tenants.db import rows

MOST = 500
"""People who hear of one record."""

MOST_TOLD = 100
"""Records of which one hears, those followed last before all."""

# Built once: every page of a record asks.
_NAMED = (
    select(Follow.user_id, User.name)
    .join(User, User.id == Follow.user_id)
    .where(Follow.record_id == bindparam("record_id"))
    .where(User.active, User.deleted_at.is_(None))
    .order_by(Follow.id)
    .limit(MOST)
)
_OF_MANY = select(Follow.record_id, Follow.user_id).where(Follow.record_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
_FOLLOWERS = _NAMED.where(Follow.kind == bindparam("kind"))
_FOLLOWS = select(Follow.id).where(Follow.user_id == bindparam("user_id")).limit(1)
_A_MINUTE = timedelta(minutes=1)

OWN = (
    select(Follow.kind, Follow.record_id)
    .where(Follow.user_id == bindparam("user_id"))
    .order_by(Follow.id.desc())
    .limit(MOST_TOLD)
    .subquery("followed")
)
"""What a user follows (bound as ``user_id``), for statements that tell of it."""


def follows_anything() -> bool:
    """Whether the actor does. Home asks whenever it is opened."""
    user_id = current_actor().user_id
    return cache.remember_mine("follows", lambda: bool(rows(_FOLLOWS, {"user_id": user_id})), for_=_A_MINUTE)


def hears() -> UUID | None:
    """The actor's user id, if they may hear of what they follow and follow anything."""
    user_id = current_actor().user_id
    if user_id is None or not access.may("following.read") or not follows_anything():
        return None
    return user_id


def forget_whether_anything(user_id: UUID) -> None:
    """This user has begun or ended to follow something."""
    cache.forget_of([user_id])


def followers_of(kind: str, record_id: UUID) -> Sequence[UUID]:
    """The users who follow a record and still work here, whoever began first before all."""
    return [row.user_id for row in rows(_FOLLOWERS, {"kind": kind, "record_id": record_id})]


def named_followers(record_id: UUID) -> Sequence[Row[Any]]:
    """The same with their names: (user_id, name)."""
    return rows(_NAMED, {"record_id": record_id})


def followers_of_many(record_ids: Collection[UUID]) -> Mapping[UUID, frozenset[UUID]]:
    """By record, the users who follow it."""
    found: dict[UUID, set[UUID]] = {}
    for row in rows(_OF_MANY, {"ids": list(record_ids)}):
        found.setdefault(row.record_id, set()).add(row.user_id)
    return {record_id: frozenset(users) for record_id, users in found.items()}
