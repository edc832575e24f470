"""Lists of records: search as one types, sorted, filtered, paged by key, in a constant number of statements.

A page is found by the last row of the one before (keyset), never by counting rows, so page 500 costs what
page 1 does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Subquery, func, literal, or_, select

from app.core import beside, cursors, filtering, keys, shapes, showing
from app.core.entities import EntityType, Extension, entity_types
from app.core.shapes import Of, Shape
from tenants.db import rows

PAGE = 50
SORTS = ("name", "-name", "recent")
_ALIKE = 0.35
"""Of 1: how near a word must come to one of the record's (pg_trgm's word_similarity)."""


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody asked a list for; everything that makes no sense is left out."""

    words: str = ""
    sort: str = "name"
    filters: Mapping[str, str] | None = None
    """By name; among them perhaps a condition (app/core/filtering.py)."""

    columns: Sequence[str] = ()
    """Those to be shown, in this order; as the list has them where none is named."""

    after: str | None = None
    before: str | None = None
    guesses: bool = True
    """Whether something similar is welcome where nothing is spelt like the words."""


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row[*tuple[Any, ...]]]
    cells: Mapping[UUID, Mapping[str, str]]
    """What other features say of these rows, by record and column."""

    next: str | None
    previous: str | None
    only_similar: bool = False
    """Nothing is spelt like that; these are spelt almost like that."""


def load(entity: EntityType, query: Query, *, limit: int = PAGE) -> Page:
    """One page: one statement for the rows with what other features say of them, one more for each whose texts are
    not what is stored; where nothing is spelt like the words, another one guesses.
    """
    shown = _shown(entity, query.columns)
    stored = tuple(extension for extension in shown if extension.beside is not None)
    page, width = find(entity, query, limit=limit, of=_Beside(stored)), beside.width(stored)
    cells = {row.id: beside.said_in(row, width) for row in page.rows}
    for extension in shown if cells else ():
        if extension.beside is None:
            for record_id, texts in extension.read(entity.name, list(cells)).items():
                cells[record_id].update(texts)
    for row in page.rows if query.columns else ():
        cells[row.id].update(showing.own_texts(entity, row, query.columns))
    return replace(page, cells=cells)


def _shown(entity: EntityType, columns: Sequence[str]) -> list[Extension]:
    """Features with something to say in these columns, in all where none is named."""
    return [
        extension
        for extension in entity_types.extensions(entity)
        if any(not columns or column.name in columns for column in extension.columns)
    ]


@dataclass(frozen=True, slots=True)
class _Beside:
    """A page with what these features say."""

    extensions: tuple[Extension, ...]

    def __call__(self, page: Subquery) -> Select[Any]:
        found, said = beside.join(page, page.c.id, self.extensions)
        return select(*page.c, *said).select_from(found)


def find(entity: EntityType, query: Query, *, limit: int, of: Of | None = None) -> Page:
    """The same without what other features say; ``of`` makes of a page what is read of it."""
    backwards = query.before is not None and query.after is None
    cursor = cursors.read(query.before if backwards else query.after, sort=query.sort)
    found, only_similar = _found(entity, query, cursor, of=of, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found = found[::-1]
    goes_on, came_from = (True, more) if backwards else (more, cursor is not None)
    return Page(
        rows=found,
        cells={},
        next=cursors.behind(found[-1], query.sort) if found and goes_on else None,
        previous=cursors.behind(found[0], query.sort) if found and came_from else None,
        only_similar=only_similar,
    )


def _found(
    entity: EntityType, query: Query, cursor: tuple[Any, UUID] | None, *, of: Of | None, limit: int
) -> tuple[Sequence[Row[*tuple[Any, ...]]], bool]:
    """(rows, whether they are only similar to what was typed)"""
    shape, values = _asked(entity, query, cursor, of=of)
    exact = rows(_built(shape, query), {**values, "limit": limit})
    if exact or not shape.forms or cursor is not None or not query.guesses:
        return exact, False
    similar = _similar(shape, query, values, limit=limit - 1)
    return similar, bool(similar)


def count(entity: EntityType, query: Query, *, most: int) -> int:
    """How many are found; ``most`` where there are more than that."""
    shape, values = _asked(entity, query, None)
    counted = select(func.count()).select_from(_built(shape, query).subquery())
    return int(rows(counted, {**values, "limit": most})[0][0])


def _asked(
    entity: EntityType, query: Query, cursor: tuple[Any, UUID] | None, *, of: Of | None = None
) -> tuple[Shape, dict[str, Any]]:
    wanted, beginnings = keys.patterns(query.words), keys.beginnings(query.words)
    filters, chosen = filtering.chosen(entity, query.filters or {})
    shape = Shape(
        entity,
        sort=query.sort,
        backwards=query.before is not None and query.after is None,
        goes_on=cursor is not None,
        filters=filters,
        forms=tuple(len(forms) for forms in wanted),
        own=showing.own_names(entity, query.columns),
        begins=len(beginnings) if query.sort == shapes.FIT else 1,
        read=of,
    )
    return shape, {**shapes.values(wanted, cursor, beginnings), **chosen, **beside.values()}


def _built(shape: Shape, query: Query) -> Select[Any]:
    """Built anew where there is a condition: hardly two people ask the same."""
    narrowed = filtering.where(shape.entity, query.filters or {})
    return shapes.statement(shape) if narrowed is None else shape.whole(shapes.statement_of(shape, narrowed))


def _similar(shape: Shape, query: Query, values: Mapping[str, Any], *, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """The closest first. Patterns with a gap find them in the index; asked for likeness, it would read half of it."""
    slips, model = keys.mistyped(query.words), shapes.model_of(shape.entity)
    if not slips:
        return []
    near = [or_(*(model.search_text.like(pattern) for pattern in patterns)) for _, patterns in slips]
    alike = sum((func.word_similarity(word, model.search_text) for word, _ in slips), literal(0.0)).label("alike")
    narrowed = filtering.where(shape.entity, query.filters or {})
    listed = shapes.selected(shape).where(*near, *([] if narrowed is None else [narrowed]))
    guesses = listed.add_columns(alike).limit(shapes.FEW // 4).cte("guesses").prefix_with("MATERIALIZED")
    closest = select(guesses).where(guesses.c.alike > _ALIKE * len(slips))
    closest = closest.order_by(guesses.c.alike.desc(), guesses.c.sort_key).limit(limit)
    if shape.read is None:
        return rows(closest, values)
    page = closest.subquery("page")
    return rows(shape.read(page).order_by(page.c.alike.desc(), page.c.sort_key), values)


def cells(entity: EntityType, record_id: UUID) -> Mapping[str, str]:
    """What other features say of one record in the columns of its list."""
    said: dict[str, str] = {}
    for extension in _shown(entity, ()):
        said.update(beside.texts(entity, extension, [record_id]).get(record_id, {}))
    return said
