"""What the journal of changes says, in the words of the interface: kinds and fields as programs know them. What no
program sees, as the words by which a record is found, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, any_, bindparam, select

from app.core.entities import Part
from app.core.resources import Resource
from tenants.db import rows

Changes = Sequence[Row[Any]]
_Stored = Mapping[UUID, Mapping[str, Any]]


class Happened(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    change: Row[Any]
    kind: str
    record_id: UUID
    event: Happened
    changed: Sequence[str]
    """Fields, and collections that belong to the record."""

    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None


class Journal:
    def __init__(self, resources: Sequence[Resource], parts: Sequence[tuple[str, Part]]) -> None:
        self._resources = resources
        own = {resource.table for resource in resources}
        self._parts = [(kind, part) for kind, part in parts if part.model.__tablename__ not in own]

    @property
    def kinds(self) -> list[str]:
        return [resource.kind for resource in self._resources]

    def tables(self, kind: str | None) -> list[str]:
        """Whose changes may be about such records; None: about records of any kind."""
        own = [resource.table for resource in self._resources if kind in (None, resource.kind)]
        parts = [str(part.model.__tablename__) for owner, part in self._parts if kind in (None, owner)]
        return list(dict.fromkeys([*own, *parts]))

    def told(self, changes: Changes) -> list[Change]:
        """In their order; in one statement for each table of which an update does not say what it was of."""
        stored = {name: _stored(columns, changes, name) for name, columns in self._asked.items()}
        return [told for change in changes for told in self._one(change, stored.get(change.table_name, {}))]

    @cached_property
    def _asked(self) -> Mapping[str, Sequence[Any]]:
        """By table, the columns that say what a row of it is, or to which record it belongs."""
        found: dict[str, dict[str, Any]] = {}
        for resource in self._resources:
            for name in resource.only:
                found.setdefault(resource.table, {})[name] = getattr(resource.model, name)
        for _, part in self._parts:
            for name in filter(None, (part.owner, part.owner_kind)):
                found.setdefault(str(part.model.__tablename__), {})[name] = getattr(part.model, name)
        models: dict[str, Any] = {one.table: one.model for one in self._resources}
        models |= {str(part.model.__tablename__): part.model for _, part in self._parts}
        return {table: [models[table].id, *columns.values()] for table, columns in found.items()}

    def _one(self, change: Row[Any], stored: _Stored) -> Iterator[Change]:
        row = {**stored.get(change.record_id, {}), **(change.old or {}), **(change.new or {})}
        for resource in self._resources:
            if resource.table == change.table_name and resource.is_so(row):
                yield from _of_record(change, resource)
        for kind, part in self._parts:
            if part.model.__tablename__ == change.table_name and _belongs(part, kind, row):
                yield _of_part(change, kind, part, UUID(str(row[part.owner])))


def _stored(columns: Sequence[Any], changes: Changes, table: str) -> _Stored:
    ids = {change.record_id for change in changes if change.table_name == table and change.op == "U"}
    if not ids:
        return {}
    query = select(*columns).where(columns[0] == any_(bindparam("ids", type_=ARRAY(Uuid))))
    return {row.id: dict(row._mapping) for row in rows(query, {"ids": list(ids)})}


def _of_record(change: Row[Any], resource: Resource) -> Iterator[Change]:
    """Nothing of an update that shows in no field, and nothing when what was deleted before is removed for good."""
    event = _event(change)
    old, new = (resource.read.told(side or {}) for side in (change.old, change.new))
    changed = sorted({*old, *new}) if change.op == "U" else ()
    is_told_already = change.op == "D" and (change.old or {}).get("deleted_at") is not None
    if is_told_already or (event is Happened.UPDATED and not changed):
        return
    yield Change(
        change=change,
        kind=resource.kind,
        record_id=change.record_id,
        event=event,
        changed=changed,
        old=None if change.op == "I" else old,
        new=None if event is Happened.DELETED else new,
    )


def _event(change: Row[Any]) -> Happened:
    if change.op == "I":
        return Happened.CREATED
    if change.op == "D":
        return Happened.DELETED
    if "deleted_at" in (change.new or {}):
        return Happened.DELETED if change.new["deleted_at"] else Happened.RESTORED
    return Happened.UPDATED


def _belongs(part: Part, kind: str, row: Mapping[str, Any]) -> bool:
    return bool(row.get(part.owner)) and (part.owner_kind is None or row.get(part.owner_kind) == kind)


def _of_part(change: Row[Any], kind: str, part: Part, record_id: UUID) -> Change:
    """A telephone number that changed is a contact that changed; what it says now is read of the contact."""
    return Change(
        change=change,
        kind=kind,
        record_id=record_id,
        event=Happened.UPDATED,
        changed=(part.collection,),
        old={},
        new={},
    )
