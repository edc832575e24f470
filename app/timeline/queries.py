from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Subquery, literal, select, union_all

from app.core.entities import EntityType, entity_types
from app.users.models import User
from tenants.changes import Change
from tenants.db import db

MOST = 400
"""Changes read for one page; those of one transaction are told as one entry."""


def changes_of(entity: EntityType, record_id: UUID, *, before: datetime | None) -> Sequence[Row[Any, Any, Any, Any]]:
    """(change, who made it, what the part it belongs to is called now) of a record and its parts, newest
    first.
    """
    about = _record_and_parts(entity, record_id)
    statement = (
        select(Change, User.name, about.c.kind, about.c.name)
        .join(about, about.c.id == Change.record_id)
        .outerjoin(User, User.id == Change.actor)
        .order_by(Change.at.desc(), Change.ord.desc())
        .limit(MOST)
    )
    if before is not None:
        statement = statement.where(Change.at < before)
    return db.session.execute(statement).all()


def _record_and_parts(entity: EntityType, record_id: UUID) -> Subquery:
    own = select(literal(record_id).label("id"), literal("").label("kind"), literal("").label("name"))
    parts = [
        select(part.model.id, part.kind, part.name).where(getattr(part.model, part.owner) == record_id)
        for extension in entity_types.extensions(entity)
        for part in extension.parts
    ]
    return union_all(own, *parts).subquery("about")
