from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.core.entities import EntityRef
from app.following import queries
from app.following.models import Follow
from tenants import clock
from tenants.db import db, new_id


def follow(about: EntityRef, *, user_id: UUID) -> None:
    """From now on this user hears of the record; asked twice it is the same."""
    new = {"id": new_id(), "created_at": clock.now(), "user_id": user_id}
    statement = insert(Follow).values(**new, kind=about.type, record_id=about.id)
    db.session.execute(statement.on_conflict_do_nothing(index_elements=[Follow.user_id, Follow.record_id]))
    queries.forget_whether_anything(user_id)


def unfollow(about: EntityRef, *, user_id: UUID) -> None:
    """Where nobody follows, nothing happens."""
    ended = delete(Follow).where(Follow.user_id == user_id, Follow.record_id == about.id)
    db.session.execute(ended.execution_options(synchronize_session=False))
    queries.forget_whether_anything(user_id)
