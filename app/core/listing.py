"""Lists of records: search as one types, sorted, filtered, paged by key, in a constant number of statements.

A page is found by the last row of the one before (keyset), never by counting rows, so page 500 costs what
page 1 does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import (
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

from app.core import keys
from app.core.entities import EntityType, Filter, entity_types
from config.settings import settings
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
    return replace(page, cells=cells(entity, [row.id for row in page.rows]))


def find(entity: EntityType, query: Query, *, limit: int) -> Page:
    """The same without what other features say."""
    backwards = query.before is not None and query.after is None
    cursor = _read_cursor(query.before if backwards else query.after, sort=query.sort)
    found, only_similar = _found(entity, query, cursor, limit=limit + 1)
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found = found[::-1]
    goes_on, came_from = (True, more) if backwards else (more, cursor is not None)
    return Page(
        rows=found,
        cells={},
        next=_cursor(found[-1], query.sort) if found and goes_on else None,
        previous=_cursor(found[0], query.sort) if found and came_from else None,
        only_similar=only_similar,
    )


def _found(
    entity: EntityType, query: Query, cursor: tuple[Any, UUID] | None, *, limit: int
) -> tuple[Sequence[Row[*tuple[Any, ...]]], bool]:
    """(rows, whether they are only similar to what was typed)"""
    shape, values = _asked(entity, query, cursor)
    exact = rows(_statement(shape), {**values, "limit": limit})
    if exact or not shape.forms or cursor is not None or not query.guesses:
        return exact, False
    similar = _similar(shape, query.words, values, limit=limit - 1)
    return similar, bool(similar)


def count(entity: EntityType, query: Query, *, most: int) -> int:
    """How many are found; ``most`` where there are more than that."""
    shape, values = _asked(entity, query, None)
    counted = select(func.count()).select_from(_statement(shape).subquery())
    return int(rows(counted, {**values, "limit": most})[0][0])


def _asked(entity: EntityType, query: Query, cursor: tuple[Any, UUID] | None) -> tuple[_Shape, dict[str, Any]]:
    wanted = keys.patterns(query.words)
    filters, chosen = _described(entity, query.filters or {})
    shape = _Shape(
        entity,
        sort=query.sort,
        backwards=query.before is not None and query.after is None,
        goes_on=cursor is not None,
        filters=filters,
        forms=tuple(len(forms) for forms in wanted),
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


@lru_cache(maxsize=512)
def _statement(shape: _Shape) -> Select[Any]:
    """What a few records match is found by the trigram index and sorted; what many match, by walking the list.

    PostgreSQL cannot know which of the two is cheap, so it counts the first matches, and only one half runs:
    an index walk for a rare fragment, or sorting all matches of a frequent one, would take a hundred times as long.
    Built once for each shape: building takes as long as asking.
    """
    listed, text = _listed(shape), _model(shape.entity).search_text
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


def _similar(shape: _Shape, words: str, values: Mapping[str, Any], *, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """The closest first. Patterns with a gap find them in the index; asked for likeness, it would read half of it."""
    slips, model = keys.mistyped(words), _model(shape.entity)
    if not slips:
        return []
    near = [or_(*(model.search_text.like(pattern) for pattern in patterns)) for _, patterns in slips]
    alike = sum((func.word_similarity(word, model.search_text) for word, _ in slips), literal(0.0)).label("alike")
    guesses = _listed(shape).add_columns(alike).where(*near).limit(FEW // 4).cte("guesses").prefix_with("MATERIALIZED")
    columns = [guesses.c[name] for name in ("id", "title", "sort_key", "updated_at")]
    closest = select(*columns).where(guesses.c.alike > _ALIKE * len(slips))
    return rows(closest.order_by(guesses.c.alike.desc(), guesses.c.sort_key).limit(limit), values)


def _described(
    entity: EntityType, asked: Mapping[str, str]
) -> tuple[tuple[tuple[str, str | None], ...], dict[str, Any]]:
    """Of what somebody filters by, all that is described; and the parameters of it."""
    found: list[tuple[str, str | None]] = []
    chosen: dict[str, Any] = {}
    for described in filters_of(entity) if asked else ():
        value = asked.get(described.name)
        if described.choices is not None:
            if value and (parsed := _parsed(described, value)) is not None:
                found.append((described.name, None))
                chosen[_chosen(described)] = parsed
        elif value in dict(described.options):
            found.append((described.name, value))
    return tuple(found), chosen


def filters_of(entity: EntityType) -> list[Filter]:
    return [described for extension in entity_types.extensions(entity) for described in extension.filters]


def _parsed(described: Filter, value: str) -> Any:
    try:
        return described.parse(value)
    except ValueError:
        return None


def _chosen(described: Filter) -> str:
    return f"chosen_{described.name}"


def _listed(shape: _Shape) -> Select[Any]:
    model, chosen = _model(shape.entity), dict(shape.filters)
    title = getattr(model, shape.entity.title).label("title")
    narrowed = [
        described.where(shape.entity.model, chosen[described.name] or bindparam(_chosen(described)))
        for described in filters_of(shape.entity)
        if described.name in chosen
    ]
    return select(model.id, title, model.sort_key, model.updated_at).where(model.deleted_at.is_(None), *narrowed)


def _model(entity: EntityType) -> Any:
    """Every listed model has ``sort_key`` and ``search_text``; no common type can say so without a second base."""
    return entity.model


def cells(entity: EntityType, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    cells: dict[UUID, dict[str, str]] = {record_id: {} for record_id in ids}
    for extension in entity_types.extensions(entity):
        if extension.columns and ids:
            for record_id, texts in extension.read(entity.name, ids).items():
                cells[record_id].update(texts)
    return cells


@cache
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
