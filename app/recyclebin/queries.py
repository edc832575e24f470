from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, Select, bindparam, literal, select, union_all

from app.core import bins
from app.core.entities import EntityType
from tenants.db import rows

PAGE = 100
"""Of each kind, the last ones deleted."""


def deleted(entities: Sequence[EntityType]) -> Sequence[Row[Any]]:
    """(kind, id, title, deleted_at), of each kind the last one deleted first, one more than a page where there are
    more; one statement for all.
    """
    return rows(_statement(tuple(entities)), {"limit": PAGE + 1}) if entities else []


def deleted_behind(entity: EntityType, behind: UUID) -> Sequence[Row[Any]]:
    """The same of one kind, from behind one of them."""
    statement = _deleted(entity).where(bins.comes_behind(entity.model))
    return rows(statement, {"limit": PAGE + 1, "behind": behind})


@cache
def _statement(entities: tuple[EntityType, ...]) -> Select[Any]:
    each = union_all(*(select(_deleted(entity).subquery()) for entity in entities)).subquery()
    return select(each).order_by(each.c.kind, each.c.deleted_at.desc(), each.c.id.desc())


@cache
def _deleted(entity: EntityType) -> Select[Any]:
    model: Any = entity.model
    columns = (literal(entity.name).label("kind"), model.id, getattr(model, entity.title).label("title"))
    found = select(*columns, model.deleted_at).where(model.deleted_at.is_not(None))
    return found.order_by(model.deleted_at.desc(), model.id.desc()).limit(bindparam("limit", type_=Integer))
