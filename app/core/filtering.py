"""What a list is narrowed to: described filters, each a name and a choice, and one condition under its own name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement

from app.core import conditions, narrowing
from app.core.criteria import check
from app.core.entities import EntityType, Filter, entity_types
from tenants import clock

WHERE = "where"
"""The name under which a condition stands among filters and in addresses, written as JSON. No filter is called so."""

Chosen = Mapping[str, str]


def filters_of(entity: EntityType) -> list[Filter]:
    return [described for extension in entity_types.extensions(entity) for described in extension.filters]


def asked(entity: EntityType, address: Mapping[str, str]) -> Chosen:
    """What an address narrows the list to.

    Raises UnreadableCondition: a condition that is not understood never means "everything".
    """
    chosen = {f.name: value for f in filters_of(entity) if (value := address.get(f.name))}
    if written := address.get(WHERE):
        condition = conditions.parse(written)
        check(condition, narrowing.criteria(entity))
        if condition:
            chosen[WHERE] = conditions.written(condition)
    return chosen


def where(entity: EntityType, asked: Chosen) -> ColumnElement[bool] | None:
    """The condition among these filters. Raises UnreadableCondition."""
    written = asked.get(WHERE)
    if not written:
        return None
    return narrowing.where(conditions.parse(written), entity, here=clock.local(clock.now()))


def chosen(entity: EntityType, asked: Chosen) -> tuple[tuple[tuple[str, str | None], ...], dict[str, Any]]:
    """Of what somebody filters by, all that is described; and the parameters of it."""
    found: list[tuple[str, str | None]] = []
    parameters: dict[str, Any] = {}
    for described in filters_of(entity) if asked else ():
        value = asked.get(described.name)
        if described.choices is not None:
            if value and (parsed := _parsed(described, value)) is not None:
                found.append((described.name, None))
                parameters[parameter(described)] = parsed
        elif value in dict(described.options):
            found.append((described.name, value))
    return tuple(found), parameters


def parameter(described: Filter) -> str:
    return f"chosen_{described.name}"


def _parsed(described: Filter, value: str) -> Any:
    try:
        return described.parse(value)
    except ValueError:
        return None
