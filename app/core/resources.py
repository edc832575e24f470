"""What programs can read and change, each kind described once, by the feature that owns it.

app/rest makes addresses of the descriptions. What is entered is checked by the same described fields as on a page,
and what happens then is the same action.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    DateTime,
    Row,
    Select,
    String,
    Subquery,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import Label

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
        self._words = {own.name: (name, own) for name, column in named if (own := self._stored(column)) is not None}
        told = func.json_build_object(*(part for name, column in named for part in (name, _in_json(column))))
        self._columns: tuple[Any, ...] = (
            self.model.id,
            self.model.version,
            self.model.updated_at,
            cast(told, String).label("told"),
        )
        self._of_many = self.listed().where(self.model.id == any_(bindparam("ids", type_=ARRAY(Uuid))))

    def _stored(self, column: Any) -> Any:
        """The column of the model's table that it is, by whatever name it is told."""
        own: Any = column.element if isinstance(column, Label) else column
        is_own = isinstance(own, Column) and own.table is not None and own.table.name == self.model.__tablename__
        return own if is_own else None

    def told(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Of a row as the journal has it, what the interface shows, by the names that it has there."""
        known = [(self._words[column], value) for column, value in values.items() if column in self._words]
        return {name: _moment(value) if isinstance(own.type, DateTime) else value for (name, own), value in known}

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


def _moment(written: Any) -> Any:
    if isinstance(written, str):
        written = datetime.fromisoformat(written)
    return told_moment(written) if isinstance(written, datetime) else written


def told_moment(moment: datetime) -> str:
    """As the database tells it, too: in UTC, without zeros at the end of a fraction of a second."""
    told = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{told.rstrip('0') if '.' in told else told}Z"


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

    only: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Which rows of the model it is, where that is not all of them: columns with what they may hold."""

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

    @property
    def kind(self) -> str:
        """``contact``: how one of them is named beside its id."""
        return self.entity.name if self.entity is not None else self.one.lower()

    @property
    def table(self) -> str:
        return str(self.model.__tablename__)

    @property
    def where(self) -> ColumnElement[bool] | None:
        return in_only(self.model, self.only) if self.only else None

    def is_so(self, values: Mapping[str, Any]) -> bool:
        """Whether a row of the model is one of them."""
        return all(str(values.get(column)) in allowed for column, allowed in self.only.items())

    def may(self, verb: str) -> str:
        return f"{self.permission}.{verb}"


def in_only(model: type[Versioned], only: Mapping[str, Collection[str]]) -> ColumnElement[bool]:
    return and_(*(getattr(model, column).in_(allowed) for column, allowed in only.items()))


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
