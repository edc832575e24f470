"""Lists of records: search as one types, sorted, filtered, paged by key, in a constant number of statements.

A page is found by the last row of the one before (keyset), never by counting rows, so page 500 costs what
page 1 does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
    union,
    union_all,
)

from app.core import cursors, filtering, keys, showing
from app.core.entities import EntityType, entity_types
from app.core.filtering import filters_of
from tenants.db import rows

PAGE = 50
SORTS = ("name", "-name", "recent")
FIT = "fit"
"""The order of hits below a search box: what begins with the words comes first. Only one page of it."""

_ALIKE = 0.35
"""Of 1: how near a word must come to one of the record's (pg_trgm's word_similarity)."""

FEW = 1000
"""Matches that are sorted rather than met on a walk through the list."""


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
    """One page: one statement for the rows and one for each feature that adds columns; where nothing is spelt like
    the words, another one guesses.
    """
    page = find(entity, query, limit=limit)
    said = cells(entity, [row.id for row in page.rows], columns=query.columns)
    for row in page.rows if query.columns else ():
        said[row.id].update(showing.own_texts(entity, row, query.columns))
    return replace(page, cells=said)


def find(entity: EntityType, query: Query, *, limit: int) -> Page:
    """The same without what other features say."""
    backwards = query.before is not None and query.after is None
    cursor = cursors.read(query.before if backwards else query.after, sort=query.sort)
    found, only_similar = _found(entity, query, cursor, limit=limit + 1)
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
    entity: EntityType, query: Query, cursor: tuple[Any, UUID] | None, *, limit: int
) -> tuple[Sequence[Row[*tuple[Any, ...]]], bool]:
    """(rows, whether they are only similar to what was typed)"""
    shape, values = _asked(entity, query, cursor)
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


def _asked(entity: EntityType, query: Query, cursor: tuple[Any, UUID] | None) -> tuple[_Shape, dict[str, Any]]:
    wanted = keys.patterns(query.words)
    filters, chosen = filtering.chosen(entity, query.filters or {})
    shape = _Shape(
        entity,
        sort=query.sort,
        backwards=query.before is not None and query.after is None,
        goes_on=cursor is not None,
        filters=filters,
        forms=tuple(len(forms) for forms in wanted),
        own=showing.own_names(entity, query.columns),
    )
    begins = f"{keys.plain(query.words)}%"
    return shape, {**_values(wanted, cursor), **chosen, "begins": begins}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What of a question decides about the statement; words, place and number of rows are its parameters."""

    entity: EntityType
    sort: str
    backwards: bool
    goes_on: bool
    """Whether it begins behind a row."""

    filters: tuple[tuple[str, str | None], ...]
    """(name, chosen option); None where what is chosen is a parameter."""

    forms: tuple[int, ...]
    """In how many forms each word is looked for."""

    own: tuple[str, ...] = ()
    """Columns of the record that are shown besides."""

    def of(self, listed: Select[Any]) -> Select[Any]:
        """The next rows of a selection that has the columns ``id`` and the sorted one."""
        key = listed.selected_columns["updated_at" if self.sort == "recent" else "sort_key"]
        record_id = listed.selected_columns["id"]
        upwards = (self.sort in ("name", FIT)) != self.backwards
        if self.goes_on:
            here = tuple_(key, record_id)
            there = tuple_(bindparam("from_key", type_=key.type), bindparam("from_id", type_=record_id.type))
            listed = listed.where(here > there if upwards else here < there)
        ordered = (key.asc(), record_id.asc()) if upwards else (key.desc(), record_id.desc())
        return listed.order_by(*ordered).limit(bindparam("limit", type_=Integer))

    def fitting(self, listed: Select[Any]) -> Select[Any]:
        """Those first whose name begins with what was typed."""
        columns = listed.selected_columns
        fits = case((columns["sort_key"].like(bindparam("begins")), 0), else_=1)
        ordered = listed.order_by(fits, columns["sort_key"], columns["id"])
        return ordered.limit(bindparam("limit", type_=Integer))


def _values(wanted: Sequence[Sequence[str]], cursor: tuple[Any, UUID] | None) -> dict[str, Any]:
    values = {_name(word, form): text for word, forms in enumerate(wanted) for form, text in enumerate(forms)}
    from_key, from_id = cursor or (None, None)
    return {**values, "from_key": from_key, "from_id": from_id}


def _name(word: int, form: int) -> str:
    return f"word_{word}_{form}"


def _built(shape: _Shape, query: Query) -> Select[Any]:
    """Built anew where there is a condition: hardly two people ask the same."""
    narrowed = filtering.where(shape.entity, query.filters or {})
    return _statement(shape) if narrowed is None else _statement_of(shape, narrowed)


@lru_cache(maxsize=512)
def _statement(shape: _Shape) -> Select[Any]:
    """Built once for each shape: building takes as long as asking."""
    return _statement_of(shape)


def _statement_of(shape: _Shape, *narrowed: ColumnElement[bool]) -> Select[Any]:
    """What a few records match is found by the trigram index and sorted; what many match, by walking the list.

    PostgreSQL cannot know which of the two is cheap, so it counts the first matches, and only one half runs:
    an index walk for a rare fragment, or sorting all matches of a frequent one, would take a hundred times as long."""
    listed, text = _listed(shape).where(*narrowed), _model(shape.entity).search_text
    wanted = [
        or_(*(text.like(bindparam(_name(word, form))) for form in range(forms)))
        for word, forms in enumerate(shape.forms)
    ]
    if not wanted:
        return shape.of(listed)
    hits = listed.where(*wanted).limit(FEW + 1).cte("hits").prefix_with("MATERIALIZED")
    are_few = select(func.count()).select_from(hits).scalar_subquery() <= FEW
    if shape.sort == FIT:
        begins = _model(shape.entity).sort_key.like(bindparam("begins"))
        halves = [shape.fitting(select(hits).where(are_few))]
        halves += [shape.of(listed.where(*more, *wanted, ~are_few)) for more in ((begins,), ())]
        # One that begins with it is met on both walks, so that equal rows are one.
        return shape.fitting(select(union(*(select(half.subquery()) for half in halves)).subquery()))
    few = shape.of(select(hits).where(are_few)).subquery()
    many = shape.of(listed.where(*wanted, ~are_few)).subquery()
    return shape.of(select(union_all(select(few), select(many)).subquery()))


def _similar(shape: _Shape, query: Query, values: Mapping[str, Any], *, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """The closest first. Patterns with a gap find them in the index; asked for likeness, it would read half of it."""
    slips, model = keys.mistyped(query.words), _model(shape.entity)
    if not slips:
        return []
    near = [or_(*(model.search_text.like(pattern) for pattern in patterns)) for _, patterns in slips]
    alike = sum((func.word_similarity(word, model.search_text) for word, _ in slips), literal(0.0)).label("alike")
    narrowed = filtering.where(shape.entity, query.filters or {})
    listed = _listed(shape).where(*near, *([] if narrowed is None else [narrowed]))
    guesses = listed.add_columns(alike).limit(FEW // 4).cte("guesses").prefix_with("MATERIALIZED")
    columns = [column for column in guesses.c if column.name != "alike"]
    closest = select(*columns).where(guesses.c.alike > _ALIKE * len(slips))
    return rows(closest.order_by(guesses.c.alike.desc(), guesses.c.sort_key).limit(limit), values)


def _listed(shape: _Shape) -> Select[Any]:
    model, chosen = _model(shape.entity), dict(shape.filters)
    title = getattr(model, shape.entity.title).label("title")
    narrowed = [
        described.where(shape.entity.model, chosen[described.name] or bindparam(filtering.parameter(described)))
        for described in filters_of(shape.entity)
        if described.name in chosen
    ]
    own = [getattr(model, name).label(f"{showing.OWN}{name}") for name in shape.own]
    listed = select(model.id, title, model.sort_key, model.updated_at, *own)
    return listed.where(model.deleted_at.is_(None), *narrowed)


def _model(entity: EntityType) -> Any:
    """Every listed model has ``sort_key`` and ``search_text``; no common type can say so without a second base."""
    return entity.model


def cells(entity: EntityType, ids: Sequence[UUID], *, columns: Sequence[str] = ()) -> Mapping[UUID, dict[str, str]]:
    """What other features say of these records in these columns, in all where none is named."""
    cells: dict[UUID, dict[str, str]] = {record_id: {} for record_id in ids}
    for extension in entity_types.extensions(entity):
        if ids and any(not columns or column.name in columns for column in extension.columns):
            for record_id, texts in extension.read(entity.name, ids).items():
                cells[record_id].update(texts)
    return cells
