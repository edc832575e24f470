from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from app.core.access import visible
from app.core.entities import EntityType
from app.selection.models import BulkChange, BulkChunk
from app.users.models import User
from tenants.db import db
from tenants.errors import NotFound

PAGE = 50
"""Bulk changes that the page of them shows."""


def bulk_change(change_id: UUID) -> BulkChange:
    """Raises NotFound."""
    return _one(visible(BulkChange).where(BulkChange.id == change_id))


def bulk_change_to_work(change_id: UUID) -> BulkChange:
    """Locked until the end of the request or job; waits for the chunk that is under way.

    Raises NotFound.
    """
    return _one(visible(BulkChange).where(BulkChange.id == change_id).with_for_update())


def _one(statement: Select[BulkChange]) -> BulkChange:
    found = db.session.scalar(statement)
    if found is None:
        raise NotFound
    return found


def latest() -> Sequence[Row[BulkChange, str]]:
    """(bulk change, name of who began it), the last one first."""
    statement = (
        select(BulkChange, User.name.label("author"))
        .outerjoin(User, User.id == BulkChange.author_id)
        .where(BulkChange.deleted_at.is_(None))
        .order_by(BulkChange.created_at.desc(), BulkChange.id)
        .limit(PAGE)
    )
    return db.session.execute(statement).all()


def visible_among(entity: EntityType, ids: Sequence[UUID]) -> Sequence[UUID]:
    """Those of these ids that are records which the actor may see."""
    model: Any = entity.model
    return db.session.scalars(visible(model).with_only_columns(model.id).where(model.id.in_(ids))).all()


def next_chunk_to_undo(change_id: UUID) -> BulkChunk | None:
    wanted = select(BulkChunk).where(BulkChunk.bulk_change_id == change_id, BulkChunk.undone.is_(False))
    found: BulkChunk | None = db.session.scalar(wanted.order_by(BulkChunk.id.desc()).limit(1))
    return found
