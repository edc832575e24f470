from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Subquery, Uuid, bindparam, literal, select, union_all

from app.core.entities import EntityType, entity_types
from app.users.models import User
from tenants.changes import Change
from tenants.db import rows

MOST = 400
"""Changes read for one page; those of one transaction are told as one entry."""


def changes_of(entity: EntityType, record_id: UUID, *, before: datetime | None) -> Sequence[Row[Any]]:
    """Changes of a record and its parts, newest first: what the journal says, who made it, and of which kind the
    part is and what it is called now.
    """
    return rows(_changes_of(entity, until=before is not None), {"record_id": record_id, "before": before})


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
