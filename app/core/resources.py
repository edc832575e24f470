"""What programs can read and change, each kind described once, by the feature that owns it.

app/rest makes addresses of the descriptions. What is entered is checked by the same described fields as on a page,
and what happens then is the same action.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Row,
    Select,
    String,
    Subquery,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.core import beside
from app.core.entities import EntityType, Extension, Filter
from app.core.fields import FieldSchema, Text
from tenants.db import Versioned, rows

Shown = Mapping[str, Any]
Entered = Mapping[str, Any]


class RecordSchema(Schema):
    """What is said of every record."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True, metadata={"description": _l("Grows by one with each change.")})
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


RECORD = ("id", "version", "created_at", "updated_at")


class Reading:
    """Reads of records these columns, what is said of every record, and what other features say beside; each record as
    JSON that the database has written: to read values only to write them again would take as long as the rest.
    """

    def __init__(
        self,
        model: type[Versioned],
        *columns: Any,
        where: ColumnElement[bool] | None = None,
        extensions: Sequence[Extension] = (),
    ) -> None:
        self.model: Any = model
        self._own, self._where = columns, where
        self._found, said = beside.join(self.model.__table__, self.model.__table__.c.id, extensions)
        columns = (*(getattr(self.model, name) for name in RECORD), *columns, *said)
        named = select(*columns).selected_columns.items()
        told = func.json_build_object(*(part for name, column in named for part in (name, _in_json(column))))
        self._columns: tuple[Any, ...] = (
            self.model.id,
            self.model.version,
            self.model.updated_at,
            cast(told, String).label("told"),
        )
        self._of_many = self.listed().where(self.model.id == any_(bindparam("ids", type_=ARRAY(Uuid))))

    def with_beside(self, extensions: Sequence[Extension]) -> Reading:
        return Reading(self.model, *self._own, where=self._where, extensions=extensions)

    def __call__(self, ids: Collection[UUID]) -> Sequence[Row[Any]]:
        """(id, version, updated_at, told) of these records, in any order, in one statement."""
        return rows(self._of_many, {"ids": list(ids), **beside.values()})

    def listed(self) -> Select[Any]:
        """The same of all but those in the recycle bin."""
        statement = select(*self._columns).select_from(self._found).where(self.model.deleted_at.is_(None))
        return statement if self._where is None else statement.where(self._where)

    def of(self, page: Subquery) -> Select[Any]:
        """The same of those of a page, which has their ids and the column that sorts them."""
        found = self._found.join(page, page.c.id == self.model.id)
        return select(*self._columns, page.c.sort_key).select_from(found)


def _in_json(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Moments are told in UTC (RFC 3339), whatever the session's time zone."""
    if isinstance(column.type, DateTime):
        return func.replace(cast(func.timezone("UTC", column), String), " ", "T", type_=String) + "Z"
    return column


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What can be done with a record and taken back, as a thing that is there or not: PUT puts it, DELETE takes it."""

    name: str
    """``settlement``"""

    label: Text
    do: Callable[[Any, Entered], object]
    undo: Callable[[Any], object]
    entered: type[FieldSchema] | None = None
    example: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    name: str
    """Of the collection, as addresses have it: ``contacts``."""

    one: str
    """Of one of them: ``Contact``. Schemas are called so."""

    label: Text
    model: type[Versioned]
    permission: str
    """``contacts``: permissions are ``contacts.read``, ``contacts.write`` and so on."""

    shown: type[Schema]
    """What answers promise."""

    read: Reading
    """Exactly that."""

    entity: EntityType | None = None
    """Whose list it is: with search, and what other features add to such records. Otherwise records come in the order
    in which they were made.
    """

    where: ColumnElement[bool] | None = None
    """Which rows of the model it is, where that is not all of them."""

    filters: tuple[Filter, ...] = ()
    """Beside those of the entity's list."""

    entered: type[FieldSchema] | None = None
    create: Callable[[Entered], UUID] | None = None
    changed: type[FieldSchema] | None = None
    """What can be said of one that exists; None: the same as of a new one."""

    present: Callable[[Any], Entered] = lambda _record: {}
    """What of ``changed`` a record says now, in the notation in which it is entered."""

    change: Callable[[Any, Entered], None] | None = None
    """Of a record that is locked; everything of ``changed`` is there."""

    delete: Callable[[Any], None] | None = None
    deeds: tuple[Deed, ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)
    """What somebody might send for a new one."""

    def may(self, verb: str) -> str:
        return f"{self.permission}.{verb}"


@dataclass(frozen=True, kw_only=True)
class Bond:
    """What can hang on a record of any kind, as a tag: GET tells what does, PUT hangs one on, DELETE takes it off."""

    resource: Resource
    """Whose records hang there."""

    hanging: Callable[[UUID], Sequence[UUID]]
    put: Callable[[EntityType, UUID, UUID], None]
    """(kind of record, its id, id of what is to hang there); raises NotFound. Done twice it is done once."""

    take: Callable[[EntityType, UUID, UUID], None]


def texts(record: Any, names: Collection[str]) -> dict[str, str | None]:
    """The columns of these names as one enters them."""
    return {name: _text(getattr(record, name)) for name in names}


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def same(column: InstrumentedAttribute[Any]) -> Callable[[Any, Any], ColumnElement[bool]]:
    """A filter by a column: what is chosen is its value."""
    return lambda _model, chosen: column == chosen


def any_value() -> Sequence[tuple[str, str]]:
    """The choices of a filter by what cannot be listed, as the ids of records."""
    return ()
