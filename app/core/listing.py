"""Lists of records: search as one types, sorted, filtered, paged by key, in a constant number of statements.

A page is found by the last row of the one before (keyset), never by counting rows, so page 500 costs what
page 1 does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import ColumnElement, Row, Select, intersect, select, tuple_, union
from sqlalchemy.orm import InstrumentedAttribute

from app.core import keys
from app.core.entities import EntityType, entity_types
from config.settings import settings
from tenants.db import db

PAGE = 50
SORTS = ("name", "-name", "recent")


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody asked a list for; everything that makes no sense is left out."""

    words: str = ""
    sort: str = "name"
    filters: Mapping[str, str] | None = None
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row[Any]]
    cells: Mapping[UUID, Mapping[str, str]]
    """What other features say of these rows, by record and column."""

    next: str | None
    previous: str | None


def load(entity: EntityType, query: Query, *, limit: int = PAGE) -> Page:
    """One page: one statement for the rows and one for each feature that adds columns."""
    column, descending = _order(entity, query.sort)
    backwards = query.before is not None and query.after is None
    key = tuple_(column, entity.model.id)
    statement = _filtered(entity, query)
    cursor = _read_cursor(query.before if backwards else query.after, sort=query.sort)
    forwards = descending == backwards
    if cursor is not None:
        statement = statement.where(key > cursor if forwards else key < cursor)
    ordered = [c.asc() if forwards else c.desc() for c in (column, entity.model.id)]
    rows = list(db.session.execute(statement.order_by(*ordered).limit(limit + 1)))
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    return Page(
        rows=rows,
        cells=_cells(entity, [row.id for row in rows]),
        next=_cursor(rows[-1], query.sort) if rows and (more or backwards) else None,
        previous=_cursor(rows[0], query.sort)
        if rows and (more if backwards else cursor is not None)
        else None,
    )


def _order(entity: EntityType, sort: str) -> tuple[InstrumentedAttribute[Any], bool]:
    model: Any = entity.model
    return (model.updated_at, True) if sort == "recent" else (model.sort_key, sort == "-name")


def _filtered(entity: EntityType, query: Query) -> Select[Any]:
    model: Any = entity.model
    title = getattr(model, entity.title).label("title")
    statement = select(model.id, title, model.sort_key, model.updated_at).where(model.deleted_at.is_(None))
    for condition in _conditions(entity, query.filters or {}):
        statement = statement.where(condition)
    wanted = keys.patterns(query.words)
    return statement.where(matching(entity, wanted)) if wanted else statement


def _conditions(entity: EntityType, chosen: Mapping[str, str]) -> list[ColumnElement[bool]]:
    return [
        described.where(entity.model, chosen[described.name])
        for extension in entity_types.extensions(entity)
        for described in extension.filters
        if chosen.get(described.name) in dict(described.options)
    ]


def matching(entity: EntityType, wanted: Sequence[tuple[str, ...]]) -> ColumnElement[bool]:
    """The condition that a record holds every wanted pattern, itself or through another feature.

    Found ids are materialised first: beside ORDER BY and LIMIT the planner would rather walk the whole list
    by name.
    """
    model: Any = entity.model
    finders = [e.found_by for e in entity_types.extensions(entity) if e.found_by is not None]
    hits = [
        union(
            *(_own(model, form) for form in forms),
            *(find(entity.name, form) for find in finders for form in forms),
        )
        for forms in wanted
    ]
    found = hits[0] if len(hits) == 1 else intersect(*hits)
    materialised = found.cte("hits").prefix_with("MATERIALIZED")
    return model.id.in_(select(materialised.c[0]))  # type: ignore[no-any-return]


def _own(model: Any, form: str) -> Select[Any]:
    return select(model.id).where(model.search_text.like(form), model.deleted_at.is_(None))


def _cells(entity: EntityType, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    cells: dict[UUID, dict[str, str]] = {record_id: {} for record_id in ids}
    for extension in entity_types.extensions(entity):
        if extension.columns and ids:
            for record_id, texts in extension.read(entity.name, ids).items():
                cells[record_id].update(texts)
    return cells


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key, salt="list cursor")


def _cursor(row: Row[Any], sort: str) -> str:
    value = row.updated_at.isoformat() if sort == "recent" else row.sort_key
    return str(_signer().dumps([sort, value, str(row.id)]))


def _read_cursor(cursor: str | None, *, sort: str) -> tuple[Any, UUID] | None:
    """A cursor that was tampered with, or belongs to another order, means the first page."""
    if not cursor:
        return None
    try:
        of, value, record_id = _signer().loads(cursor)
    except BadSignature:
        return None
    if of != sort:
        return None
    return (datetime.fromisoformat(value) if sort == "recent" else value), UUID(record_id)
