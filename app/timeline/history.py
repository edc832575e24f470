"""The journal in plain words: who changed what, when, from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import Row

from app.core import i18n
from app.core.entities import EntityType, Part, entity_types
from app.core.entries import Entry
from app.core.fields import Field
from app.timeline import queries


def entries(entity: EntityType, record_id: UUID, before: datetime | None, limit: int) -> Sequence[Entry]:
    """One entry for each transaction that touched the record or what belongs to it, newest first."""
    changes = queries.changes_of(entity, record_id, before=before)
    told = [_entry(entity, list(rows)) for _, rows in groupby(changes, key=lambda row: row.xid)]
    return [entry for entry in told if entry is not None][:limit]


def _entry(entity: EntityType, rows: Sequence[Row[Any]]) -> Entry | None:
    newest, table = rows[0], entity.model.__tablename__
    icon, label = _label([change for change in rows if change.table_name == table])
    said = [line for change in rows for line in _lines(entity, change)]
    if not said and label is None:
        return None
    return Entry(
        at=newest.at,
        icon=icon,
        label=label or gettext("Changed"),
        who=newest.who or "Kontor",
        changes=said,
    )


def _label(own: Sequence[Row[Any]]) -> tuple[str, str | None]:
    for change in own:
        if change.op == "I":
            return "plus", gettext("Entered")
        if "deleted_at" in (change.new or {}):
            deleted = (change.new or {})["deleted_at"] is not None
            return ("trash-2", gettext("Moved to the recycle bin")) if deleted else ("undo-2", gettext("Taken back"))
    return "pencil", None


def _lines(entity: EntityType, change: Row[Any]) -> Iterator[tuple[str, str, str]]:
    """(what, before, after)"""
    if change.table_name == entity.model.__tablename__:
        if change.op == "U":
            yield from _fields((*entity.fields, *entity.told), change)
        return
    for part in _parts(entity):
        if part.model.__tablename__ == change.table_name:
            yield from ((str(part.label(change.kind)), *told) for told in _part_line(part, change))


def _fields(fields: Sequence[Field], change: Row[Any]) -> Iterator[tuple[str, str, str]]:
    old, new = change.old or {}, change.new or {}
    for field in fields:
        if field.name in new or field.name in old:
            yield str(field.label), _value(field, old.get(field.name)), _value(field, new.get(field.name))


def _value(field: Field, stored: Any) -> str:
    if stored is None:
        return ""
    if field.say is not None:
        return field.say(str(stored))
    return str(dict(field.options).get(stored, stored))


def _part_line(part: Part, change: Row[Any]) -> Iterator[tuple[str, str]]:
    """(before, after). What the part is called now must help: the journal of an update holds only what differs."""
    old, new, name = change.old or {}, change.new or {}, change.name
    column = part.column or ""
    if change.op == "I":
        yield "", str(new.get(column) or name)
    elif change.op == "D" or new.get("deleted_at") is not None:
        yield str(old.get(column) or name), ""
    elif column in new:
        yield str(old.get(column) or ""), str(new[column] or "")
    elif part.ends is not None and new.get(part.ends):
        yield name, gettext("until %(day)s", day=i18n.say_day(date.fromisoformat(new[part.ends])))


def _parts(entity: EntityType) -> list[Part]:
    return [part for extension in entity_types.extensions(entity) for part in extension.parts]
