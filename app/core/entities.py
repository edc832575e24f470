"""The kinds of record the CRM knows, each described once, by the feature that owns it.

Lists, record pages, search, imports, the recycle bin and the timeline read these descriptions. None of them
names a feature, and no feature names them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select

from app.core.bulk import BulkAction
from app.core.criteria import Criterion
from app.core.fields import Field, Rule, Text, Values
from app.core.revisions import Revision
from app.core.subjects import Person
from tenants.db import TenantModel, Versioned
from tenants.errors import NotFound

"""In the place of names of entity types: all there are."""


class EntityRef(NamedTuple):
    """A pointer to any record, safe to store and to send."""

    type: str
    id: UUID


@dataclass(frozen=True, slots=True)
class NewRecord:
    """What was entered for one record, and by which words of other features it is found besides."""

    values: Values
    beside: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Part:
    """Rows that belong to a record, as a contact's telephone numbers: their history is its history."""

    model: type[TenantModel]
    owner: str
    """The column that names the record."""

    collection: str
    """What programs call all of them of one record."""

    label: Callable[[str], Text]
    """What it is, in a word, from its kind."""

    kind: ColumnElement[str]
    name: ColumnElement[str]
    """What a person calls such a row now."""

    owner_kind: str | None = None
    """The column that names the kind of the record, where records of several kinds have such parts."""

    column: str | None = None
    """The column whose text before and after tells a change of it."""

    ends: str | None = None
    """The column with the day from which it no longer holds, where there is one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class EntityType:
    name: str
    """``contact``: used in permissions and stored references. Never changes."""

    model: type[Versioned]
    label: Text
    plural: Text
    icon: str
    endpoint: str
    """The record's page, with the argument ``record_id``."""

    list_endpoint: str

    title: str
    """The column that a person calls this record by."""

    permission: str
    """``contacts``: permissions are ``contacts.read``, ``contacts.write`` and so on."""

    fields: tuple[Field, ...]
    """What a person can enter of the record itself, in the order of the form."""

    importable: tuple[Field, ...] = ()
    """Flat fields that ``create`` understands beyond ``fields``: an import has one cell for each."""

    told: tuple[Field, ...] = ()
    """Columns whose changes the history tells, though nobody enters them as a text."""

    title_label: Text = ""
    """What the title is called in lists, where that is not the record's name."""

    rule: Rule | None = None
    """What must hold across the fields."""

    create: Callable[[Sequence[NewRecord]], Sequence[UUID]] | None = None
    """Add many at once; the same rules as for one."""

    revision: Revision | None = None
    people: tuple[Person, ...] = ()
    """Who of the firm has to do with such a record."""
    unique: str | None = None
    """The column that no two records outside the recycle bin share, where it is filled."""

    belonged: Callable[[Collection[UUID]], Mapping[UUID, Sequence[tuple[str, str | None]]]] = lambda _ids: {}
    """Of records in the recycle bin, (title, URL) of what each was about; in one statement."""

    def ref(self, record_id: UUID) -> EntityRef:
        return EntityRef(self.name, record_id)

    def may(self, verb: str) -> str:
        return f"{self.permission}.{verb}"


@dataclass(frozen=True, kw_only=True)
class Column:
    name: str
    label: Text
    sort: str | None = None
    """The name of the sort that a click on the head asks for."""

    numeric: bool = False


@dataclass(frozen=True, kw_only=True)
class Filter:
    name: str
    label: Text
    options: tuple[tuple[str, Text], ...] = ()
    where: Callable[[Any, Any], ColumnElement[bool]]
    """(model of the listed records, chosen option) -> condition. With ``choices``, what is chosen comes as a
    parameter of the statement, so that one statement does for all choices.
    """

    choices: Callable[[], Sequence[tuple[str, str]]] | None = None
    """In the place of ``options``: (value, text) of what the tenant has made itself, in one statement."""

    parse: Callable[[str], Any] = str
    """With ``choices``: from what stands in the address to the parameter; a ValueError where it makes no sense."""


class _Every(Container[str]):
    def __contains__(self, _name: object) -> bool:
        return True


EVERY_RECORD: Container[str] = _Every()
"""In the place of names: what is brought belongs to records of whatever kind."""


def _says_the_first(known: Values, said: Values) -> bool:
    return any(said.values()) and not any(known.get(name) for name in said)


@dataclass(frozen=True, kw_only=True, eq=False)
class Extension:
    """What a feature adds to the records of another: columns and filters of its list, fields for new ones,
    words.
    """

    on: Container[str]
    columns: tuple[Column, ...] = ()
    beside: Callable[[ColumnElement[UUID]], Select[*tuple[Any, ...]]] | None = None
    """From the id of a record to at most one row of texts, called as the columns; it may name the parameter ``today``.
    """

    read: Callable[[str, Collection[UUID]], Mapping[UUID, Mapping[str, str]]] = lambda _entity, _ids: {}
    """Where the texts are not what is stored: for these records of an entity, in one statement for all."""

    fields: tuple[Field, ...] = ()
    importable: tuple[Field, ...] = ()
    """Flat fields that ``write`` understands beyond ``fields``, for lists alone; ``read`` tells them too."""

    refused: Callable[[Sequence[Values]], Sequence[str]] = lambda lines: [""] * len(lines)
    """For each line of a list, why it cannot be taken, in a sentence; empty where it can."""

    says_more: Callable[[Values, Values], bool] = _says_the_first
    """(what is known of a record, what a line says of it): whether that is written too."""

    admit: Callable[[Values], None] = lambda _values: None
    """Raises PermissionMissing where a program may enter such a record, and not what it says in ``fields`` besides."""

    write: Callable[[str, Sequence[tuple[UUID, Values]]], None] = lambda _entity, _rows: None
    """Store what was entered in ``fields`` for many records."""

    words: Callable[[Values], Sequence[str]] = lambda _values: ()
    """By which words of ``fields`` a new record is found, as a contact by its company's name."""

    changed: Callable[[UUID], None] = lambda _id: None
    """What follows when a person has changed a record of this kind."""

    filters: tuple[Filter, ...] = ()
    """Of its lists. No two features give a filter the same name."""

    criteria: tuple[Criterion, ...] = ()
    """What conditions can ask besides."""

    bulk: tuple[BulkAction, ...] = ()
    parts: tuple[Part, ...] = ()
    about: tuple[Any, ...] = ()
    """Columns by which what people have entered is about such a record, as a note: undoing leaves that record."""

    neighbours: Callable[[str, UUID], Iterable[EntityRef]] = lambda _entity, _id: ()
    """Other records on whose timeline belongs what happens with this one."""

    @property
    def entry_fields(self) -> tuple[Field, ...]:
        return self.fields + self.importable


class UnknownEntity(NotFound):
    """There are no such records."""


class EntityTypes:
    def __init__(self) -> None:
        self._by_name: dict[str, EntityType] = {}
        self._extensions: list[Extension] = []

    def add(self, entity_type: EntityType) -> None:
        if entity_type.name in self._by_name:
            raise ValueError(f"There are two entity types called {entity_type.name!r}.")
        self._by_name[entity_type.name] = entity_type

    def extend(self, extension: Extension) -> None:
        self._extensions.append(extension)

    def clear(self) -> None:
        self._by_name.clear()
        self._extensions.clear()

    def __iter__(self) -> Iterator[EntityType]:
        return iter(self._by_name.values())

    def named(self, name: str) -> EntityType:
        """Raises UnknownEntity."""
        if name not in self._by_name:
            raise UnknownEntity
        return self._by_name[name]

    def extensions(self, entity_type: EntityType) -> list[Extension]:
        return [extension for extension in self._extensions if entity_type.name in extension.on]

    def entry_fields(self, entity_type: EntityType) -> tuple[Field, ...]:
        """Everything that one line of an import can say of such a record."""
        added = [field for extension in self.extensions(entity_type) for field in extension.entry_fields]
        return (*entity_type.fields, *entity_type.importable, *added)


entity_types = EntityTypes()


def new_record(entity_type: EntityType, values: Values) -> NewRecord:
    beside = [word for extension in entity_types.extensions(entity_type) for word in extension.words(values)]
    return NewRecord(values, beside)


def create_records(entity_type: EntityType, rows: Sequence[Values]) -> Sequence[UUID]:
    """Add many records with all that other features keep of them.

    Raises UnknownEntity for a kind that is not added in this way.
    """
    if entity_type.create is None:
        raise UnknownEntity
    ids = entity_type.create([new_record(entity_type, values) for values in rows])
    write_beside(entity_type, list(zip(ids, rows, strict=True)))
    return ids


def write_beside(entity_type: EntityType, rows: Sequence[tuple[UUID, Values]]) -> None:
    """Let other features keep what was entered of theirs for new records."""
    for extension in entity_types.extensions(entity_type):
        if extension.entry_fields:
            extension.write(entity_type.name, rows)
