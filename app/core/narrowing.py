"""What lists, rules and interfaces can ask about records of a kind, from their descriptions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, ColumnElement, Date, DateTime, Integer, Numeric, inspect
from sqlalchemy.types import TypeEngine

from app.core.conditions import Condition, Kind
from app.core.criteria import Criteria, Criterion, check, met
from app.core.entities import EntityType, entity_types
from app.core.fields import Field

_DATES = (
    Criterion(name="created_at", label=_l("Entered"), kind=Kind.DAY),
    Criterion(name="updated_at", label=_l("Last changed"), kind=Kind.DAY),
)


@cache
def criteria(entity: EntityType) -> Criteria:
    """By name, in the order in which they are offered: the record's own fields, what features add, when it was
    entered and changed.
    """
    return {criterion.name: criterion for criterion in _described(entity)}


def where(condition: Condition, entity: EntityType, *, here: datetime) -> ColumnElement[bool]:
    """For statements that select from the entity's model. ``here``: the present moment as the tenant's clocks show it.

    Raises UnknownCriterion, UnknownOption.
    """
    asked = criteria(entity)
    check(condition, asked)
    return met(condition, asked, entity.model, here=here)


def _described(entity: EntityType) -> Iterator[Criterion]:
    columns: Any = inspect(entity.model).columns
    for field in (*entity.fields, *entity.told):
        if field.name in columns:
            yield _own(field, columns[field.name].type)
    for extension in entity_types.extensions(entity):
        yield from extension.criteria
    yield from _DATES


def _own(field: Field, type_: TypeEngine[Any]) -> Criterion:
    return Criterion(
        name=field.name,
        label=field.label,
        kind=_kind(field, type_),
        options=field.options,
        choices=field.choices,
    )


def _kind(field: Field, type_: TypeEngine[Any]) -> Kind:
    match type_:
        case _ if field.options or field.choices:
            return Kind.CHOICE
        case Date() | DateTime():
            return Kind.DAY
        case Integer() | Numeric():
            return Kind.NUMBER
        case Boolean():
            return Kind.YES_NO
        case _:
            return Kind.TEXT
