"""What a question to a list looks like in SQL: one statement for each shape of a question, however it is worded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    bindparam,
    case,
    func,
    or_,
    select,
    tuple_,
    union,
    union_all,
)

from app.core import filtering, showing
from app.core.entities import EntityType
from app.core.filtering import filters_of

FIT = "fit"
"""The order of hits below a search box: what begins with the words comes first. Only one page of it."""

FEW = 1000
"""Matches that are sorted rather than met on a walk through the list."""


Of = Callable[[Subquery], Select[Any]]
"""From the rows of a page (id, title, sort_key, updated_at) to the statement that reads more of them."""


@dataclass(frozen=True, slots=True)
class Shape:
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

    begins: int = 1
    """How many beginnings a name may have that comes first."""

    read: Of | None = None

    def of(self, listed: Select[Any]) -> Select[Any]:
        """The next rows of a selection that has the columns ``id`` and the sorted one."""
        columns = listed.selected_columns
        key, record_id = columns["updated_at" if self.sort == "recent" else "sort_key"], columns["id"]
        if self.goes_on:
            here = tuple_(key, record_id)
            there = tuple_(bindparam("from_key", type_=key.type), bindparam("from_id", type_=record_id.type))
            listed = listed.where(here > there if self._upwards else here < there)
        return self._ordered(listed, columns).limit(bindparam("limit", type_=Integer))

    def fitting(self, listed: Select[Any]) -> Select[Any]:
        """Those first whose name begins with what was typed."""
        return self._fitting(listed, listed.selected_columns).limit(bindparam("limit", type_=Integer))

    def whole(self, listed: Select[Any]) -> Select[Any]:
        """Of the rows of a page, what is to be read of them, in the same order."""
        if self.read is None:
            return listed
        page = listed.subquery("page")
        ordered = self._fitting if self.forms and self.sort == FIT else self._ordered
        return ordered(self.read(page), page.c)

    def beginnings(self) -> list[BindParameter[str]]:
        return [bindparam(_begun(place), type_=String) for place in range(self.begins)]

    @property
    def _upwards(self) -> bool:
        return (self.sort in ("name", FIT)) != self.backwards

    def _ordered(self, listed: Select[Any], columns: Any) -> Select[Any]:
        key, record_id = columns["updated_at" if self.sort == "recent" else "sort_key"], columns["id"]
        return listed.order_by(*((key.asc(), record_id.asc()) if self._upwards else (key.desc(), record_id.desc())))

    def _fitting(self, listed: Select[Any], columns: Any) -> Select[Any]:
        begins = or_(*(columns["sort_key"].like(begun) for begun in self.beginnings()))
        fits = case((begins, 0), else_=1)
        return listed.order_by(fits, columns["sort_key"], columns["id"])


def values(
    wanted: Sequence[Sequence[str]], cursor: tuple[Any, UUID] | None, beginnings: Sequence[str]
) -> dict[str, Any]:
    values = {_name(word, form): text for word, forms in enumerate(wanted) for form, text in enumerate(forms)}
    from_key, from_id = cursor or (None, None)
    begun = {_begun(place): f"{text}%" for place, text in enumerate(beginnings)}
    return {**values, **begun, "from_key": from_key, "from_id": from_id}


def _begun(place: int) -> str:
    return f"begins_{place}"


def _name(word: int, form: int) -> str:
    return f"word_{word}_{form}"


@lru_cache(maxsize=512)
def statement(shape: Shape) -> Select[Any]:
    """Built once for each shape: building takes as long as asking."""
    return shape.whole(statement_of(shape))


def statement_of(shape: Shape, *narrowed: ColumnElement[bool]) -> Select[Any]:
    """What a few records match is found by the trigram index and sorted; what many match, by walking the list.

    PostgreSQL cannot know which of the two is cheap, so it counts the first matches, and only one half runs:
    an index walk for a rare fragment, or sorting all matches of a frequent one, would take a hundred times as long."""
    listed, text = selected(shape).where(*narrowed), model_of(shape.entity).search_text
    wanted = [
        or_(*(text.like(bindparam(_name(word, form))) for form in range(forms)))
        for word, forms in enumerate(shape.forms)
    ]
    if not wanted:
        return shape.of(listed)
    hits = listed.where(*wanted).limit(FEW + 1).cte("hits").prefix_with("MATERIALIZED")
    are_few = select(func.count()).select_from(hits).scalar_subquery() <= FEW
    if shape.sort == FIT:
        key = model_of(shape.entity).sort_key
        begun = [(key.like(beginning),) for beginning in shape.beginnings()]
        halves = [shape.fitting(select(hits).where(are_few))]
        halves += [shape.of(listed.where(*more, *wanted, ~are_few)) for more in (*begun, ())]
        # One that begins with it is met on two walks, so that equal rows are one.
        return shape.fitting(select(union(*(select(half.subquery()) for half in halves)).subquery()))
    few = shape.of(select(hits).where(are_few)).subquery()
    many = shape.of(listed.where(*wanted, ~are_few)).subquery()
    return shape.of(select(union_all(select(few), select(many)).subquery()))


def selected(shape: Shape) -> Select[Any]:
    model, chosen = model_of(shape.entity), dict(shape.filters)
    title = getattr(model, shape.entity.title).label("title")
    narrowed = [
        described.where(shape.entity.model, chosen[described.name] or bindparam(filtering.parameter(described)))
        for described in filters_of(shape.entity)
        if described.name in chosen
    ]
    own = [getattr(model, name).label(f"{showing.OWN}{name}") for name in shape.own]
    listed = select(model.id, title, model.sort_key, model.updated_at, *own)
    return listed.where(model.deleted_at.is_(None), *narrowed)


def model_of(entity: EntityType) -> Any:
    """Every listed model has ``sort_key`` and ``search_text``; no common type can say so without a second base."""
    return entity.model
