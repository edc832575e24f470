"""What rules can be about: rows of a kind, what can be asked of them, and who has to do with them.

Every kind of record is one; a feature brings further ones for rows that are none, as tasks and mentions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, Uuid, any_, bindparam, select

from app.core.conditions import Kind
from app.core.criteria import Criterion
from app.core.fields import Field, FieldKind, Text
from tenants.db import TenantModel, rows

_KINDS: Mapping[FieldKind, Kind] = {
    FieldKind.CHOICE: Kind.CHOICE,
    FieldKind.DAY: Kind.DAY,
    FieldKind.MOMENT: Kind.DAY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the firm who has to do with a row."""

    name: str
    """``assignee``: stored in rules. Never changes."""

    label: Text
    column: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """What a row says at present."""

    values: Mapping[str, Any]
    title: str
    is_gone: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    name: str
    """``complaint``: stored in rules and notifications. Never changes."""

    model: type[TenantModel]
    label: Text
    plural: Text
    icon: str
    permission: str
    """Who may not have this is not told."""

    title: Callable[[], ColumnElement[str]]
    """What a person calls such a row."""

    endpoint: str = ""
    """Where it is seen, with its id as ``argument``."""

    argument: str = "record_id"
    way: Callable[[UUID], str] | None = None
    """From its id to the address of what it belongs to, where it has no page of its own."""

    people: tuple[Person, ...] = ()
    told: tuple[Field, ...] = ()
    """What changes of it say, and can be asked."""

    only: Mapping[str, str] = field(default_factory=dict)
    """Columns with what they hold where rows of several kinds share the table."""

    addressed: Text = ""
    """What somebody is told to whom a new one is addressed, in two or three words."""

    addressed_by: Text = ""
    """The same as a sentence, with ``%(who)s`` who did it."""

    is_record: bool = True
    """Whether a person can follow it."""

    @property
    def table(self) -> str:
        return str(self.model.__tablename__)

    def criteria(self) -> Mapping[str, Criterion]:
        return _criteria(self)

    def read(self, ids: Collection[UUID]) -> Mapping[UUID, Known]:
        """What these rows say now, in one statement; what is no such row is left out."""
        return {row.id: _known(row) for row in rows(_statement(self), {"ids": list(ids)})}

    def read_behind(self, after: UUID, *, limit: int) -> Mapping[UUID, Known]:
        """The same of the next rows in the order of their ids, that is of their making."""
        return {row.id: _known(row) for row in rows(_behind(self), {"after": after, "limit": limit})}

    def is_so(self, values: Mapping[str, Any]) -> bool:
        return all(str(values.get(column)) == wanted for column, wanted in self.only.items())


@cache
def _criteria(subject: Subject) -> Mapping[str, Criterion]:
    return {
        one.name: Criterion(
            name=one.name,
            label=one.label,
            kind=Kind.CHOICE if one.choices else _KINDS.get(one.kind, Kind.TEXT),
            options=tuple(one.options),
            choices=one.choices,
        )
        for one in subject.told
    }


@cache
def _statement(subject: Subject) -> Select[Any]:
    return _all(subject).where(subject.model.id == any_(bindparam("ids", type_=ARRAY(Uuid))))


@cache
def _behind(subject: Subject) -> Select[Any]:
    here = subject.model.id > bindparam("after", type_=Uuid)
    return _all(subject).where(here).order_by(subject.model.id).limit(bindparam("limit", type_=Integer))


def _all(subject: Subject) -> Select[Any]:
    columns: Any = subject.model.__table__.columns
    only = [columns[name] == value for name, value in subject.only.items()]
    return select(*columns, subject.title().label("_title")).where(*only)


def _known(row: Any) -> Known:
    values = dict(row._mapping)
    title = values.pop("_title") or ""
    return Known(values=values, title=str(title), is_gone=values.get("deleted_at") is not None)


def by_table(subjects: Sequence[Subject]) -> Mapping[str, Sequence[Subject]]:
    found: dict[str, list[Subject]] = {}
    for subject in subjects:
        found.setdefault(subject.table, []).append(subject)
    return found
