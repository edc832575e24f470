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
from sqlalchemy import Row, Select, func, or_, select, tuple_, union_all

from app.core import keys
from app.core.entities import EntityType, entity_types
from config.settings import settings
from tenants.db import db

PAGE = 50
SORTS = ("name", "-name", "recent")
FEW = 1000
"""Matches that are sorted rather than met on a walk through the list."""


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
    backwards = query.before is not None and query.after is None
    cursor = _read_cursor(query.before if backwards else query.after, sort=query.sort)
    walk = _Walk(entity, sort=query.sort, backwards=backwards, cursor=cursor, limit=limit + 1)
    rows = list(db.session.execute(_statement(entity, query, walk)))
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    goes_on, came_from = (True, more) if backwards else (more, cursor is not None)
    return Page(
        rows=rows,
        cells=_cells(entity, [row.id for row in rows]),
        next=_cursor(rows[-1], query.sort) if rows and goes_on else None,
        previous=_cursor(rows[0], query.sort) if rows and came_from else None,
    )


@dataclass(frozen=True, slots=True)
class _Walk:
    """Along which key, in which direction, from where, how far."""

    entity: EntityType
    sort: str
    backwards: bool
    cursor: tuple[Any, UUID] | None
    limit: int

    def of(self, rows: Select[Any]) -> Select[Any]:
        """The next rows of a selection that has the columns ``id`` and the sorted one."""
        key = rows.selected_columns["updated_at" if self.sort == "recent" else "sort_key"]
        record_id = rows.selected_columns["id"]
        upwards = (self.sort == "name") != self.backwards
        if self.cursor is not None:
            here = tuple_(key, record_id)
            rows = rows.where(here > self.cursor if upwards else here < self.cursor)
        ordered = (key.asc(), record_id.asc()) if upwards else (key.desc(), record_id.desc())
        return rows.order_by(*ordered).limit(self.limit)


def _statement(entity: EntityType, query: Query, walk: _Walk) -> Select[Any]:
    """What a few records match is found by the trigram index and sorted; what many match, by walking the list.

    PostgreSQL cannot know which of the two is cheap, so it counts the first matches, and only one half runs:
    an index walk for a rare fragment, or sorting all matches of a frequent one, would take a hundred times as long.
    """
    listed = _listed(entity, query)
    wanted = [or_(*(_model(entity).search_text.like(form) for form in forms)) for forms in keys.patterns(query.words)]
    if not wanted:
        return walk.of(listed)
    hits = listed.where(*wanted).limit(FEW + 1).cte("hits").prefix_with("MATERIALIZED")
    are_few = select(func.count()).select_from(hits).scalar_subquery() <= FEW
    few = walk.of(select(hits).where(are_few)).subquery()
    many = walk.of(listed.where(*wanted, ~are_few)).subquery()
    return walk.of(select(union_all(select(few), select(many)).subquery()))


def _listed(entity: EntityType, query: Query) -> Select[Any]:
    model, chosen = _model(entity), query.filters or {}
    title = getattr(model, entity.title).label("title")
    narrowed = [
        described.where(entity.model, chosen[described.name])
        for extension in entity_types.extensions(entity)
        for described in extension.filters
        if chosen.get(described.name) in dict(described.options)
    ]
    return select(model.id, title, model.sort_key, model.updated_at).where(model.deleted_at.is_(None), *narrowed)


def _model(entity: EntityType) -> Any:
    """Every listed model has ``sort_key`` and ``search_text``; no common type can say so without a second base."""
    return entity.model


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
