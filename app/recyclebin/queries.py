from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from app.core.entities import EntityType
from tenants.db import db

MOST = 100
"""Of each kind, the last ones deleted."""


def deleted(entity: EntityType) -> Sequence[Row[Any]]:
    """(id, title, deleted_at), the last one deleted first."""
    model: Any = entity.model
    return db.session.execute(
        select(model.id, getattr(model, entity.title).label("title"), model.deleted_at)
        .where(model.deleted_at.is_not(None))
        .order_by(model.deleted_at.desc(), model.id)
        .limit(MOST)
    ).all()
