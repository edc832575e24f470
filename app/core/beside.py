"""What other features say beside a record, as columns of the statement that finds it: a list stays one statement
however many features add to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, FromClause, Row, Select, Uuid, any_, bindparam, literal, select, true

from app.core.entities import EntityType, Extension, UnknownEntity, entity_types
from app.core.revisions import Standing
from tenants import clock
from tenants.db import rows


def join(
    found: FromClause, record_id: ColumnElement[UUID], extensions: Sequence[Extension]
) -> tuple[FromClause, Sequence[ColumnElement[Any]]]:
    """(what is selected from, columns of what these features say)"""
    columns: list[ColumnElement[Any]] = []
    for number, extension in enumerate(extensions):
        if extension.beside is not None:
            said = extension.beside(record_id).lateral(f"beside_{number}")
            found = found.outerjoin(said, true())
            columns += said.c
    return found, columns


def values() -> Mapping[str, Any]:
    """Of the parameters that such columns may name."""
    return {"today": clock.today()}


def said_in(row: Row[Any], width: int) -> dict[str, str]:
    """The texts in the last ``width`` columns of a row; what is not said is left out."""
    return {name: text for name, text in zip(row._fields[-width:], row[-width:], strict=True) if text} if width else {}


@cache
def width(extensions: tuple[Extension, ...]) -> int:
    """How many columns these features add."""
    nobody = literal(UUID(int=0))
    return sum(len(one.beside(nobody).selected_columns) for one in extensions if one.beside is not None)


def texts(entity: EntityType, extension: Extension, ids: Collection[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    """What one feature says of many records, in one statement."""
    if extension.beside is None:
        return extension.read(entity.name, ids)
    found = rows(_of_many(entity, extension), {"ids": list(ids), **values()})
    return {row.id: said_in(row, width((extension,))) for row in found}


@cache
def _of_many(entity: EntityType, extension: Extension) -> Select[Any]:
    model: Any = entity.model
    found, said = join(model.__table__, model.id, [extension])
    return select(model.id, *said).select_from(found).where(model.id == any_(bindparam("ids", type_=ARRAY(Uuid))))


def read_standing(entity: EntityType, ids: Collection[UUID]) -> Mapping[UUID, Standing]:
    """What a list that comes in would say of these records, what other features know of them included; they are
    locked.

    Raises UnknownEntity for a kind that is not changed in this way.
    """
    if entity.revision is None:
        raise UnknownEntity
    found = dict(entity.revision.read(ids))
    for extension in entity_types.extensions(entity):
        if extension.entry_fields:
            told = texts(entity, extension, list(found))
            names = [field.name for field in extension.entry_fields]
            for record_id, own in found.items():
                said = told.get(record_id, {})
                found[record_id] = replace(own, values={**own.values, **{n: said.get(n) or None for n in names}})
    return found
