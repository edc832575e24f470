"""The journal in plain words: who changed what, when, from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Row

from app.core import access, i18n, links
from app.core.entities import EntityType, Part, entity_types
from app.core.entries import Entry, Place
from app.core.fields import Field
from app.following import queries as following
from app.timeline import queries
from tenants.context import current_actor
from tenants.errors import NotFound

_OF_ONE = 3
"""Changes that are read for each entry: a transaction can touch a record more than once."""


def entries(entity: EntityType, record_id: UUID, before: Place | None, limit: int) -> Sequence[Entry]:
    """One entry for each transaction that touched the record or what belongs to it, newest first."""
    changes = queries.changes_of(entity, record_id, before=before)
    told = [_entry(entity, list(rows)) for _, rows in groupby(changes, key=lambda row: row.xid)]
    return [entry for entry in told if entry is not None][:limit]


def followed(limit: int, before: Place | None) -> Sequence[Entry]:
    """The last changes of what the actor follows, newest first, each with the way to its record."""
    user_id = following.hears()
    if user_id is None:
        return []
    changes = queries.changes_followed_by(user_id, before=before, limit=_OF_ONE * limit)
    url_of = {kind: links.record_urls(entity_types.named(kind)) for kind in {row.kind for row in changes}}
    each = ([*of_one] for _, of_one in groupby(changes, key=lambda row: (row.xid, row.record_id)))
    told = (_followed(of_one, url_of[of_one[0].kind](of_one[0].record_id)) for of_one in each)
    return list(islice((entry for entry in told if entry is not None), limit))


def changed_last(record_id: UUID) -> tuple[str, str]:
    """A sentence that says who has changed a record last, and where its changes are told; empty where nowhere.

    Raises NotFound, PermissionMissing.
    """
    found = queries.last_change(record_id)
    if found is None:
        raise NotFound
    entity = next((one for one in entity_types if one.model.__tablename__ == found.table_name), None)
    if entity is None:
        return _changed_by(found), ""
    access.require(entity.may("read"))
    return _changed_by(found), url_for(entity.endpoint, record_id=record_id, show="timeline")


def _changed_by(change: Row[Any]) -> str:
    if change.actor is not None and change.actor == current_actor().user_id:
        return gettext("This was changed in another window meanwhile.")
    return gettext("%(name)s has changed this meanwhile.", name=change.who or "Kontor")


def _followed(rows: Sequence[Row[Any]], url: str) -> Entry | None:
    entity = entity_types.named(rows[0].kind)
    entry = _entry(entity, rows) if access.may(entity.may("read")) else None
    return entry and replace(entry, actions=[(rows[0].title, url)])


def _entry(entity: EntityType, rows: Sequence[Row[Any]]) -> Entry | None:
    newest, table = rows[0], entity.model.__tablename__
    icon, label = _label([change for change in rows if change.table_name == table])
    said = [line for change in rows for line in _lines(entity, change)]
    if not said and label is None:
        return None
    return Entry(
        id=queries.place_id(newest),
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
            return ("trash-2", gettext("Moved to the recycle bin")) if deleted else ("undo-2", gettext("Restored"))
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
