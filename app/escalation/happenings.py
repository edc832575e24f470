"""From changes of rows, as the journal has them, to what happened with what rules are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Select, Uuid, any_, bindparam, select

from app.core.entities import Part, entity_types
from app.core.subjects import Known, Subject, by_table
from app.escalation.matching import Happening
from app.escalation.setting_aside import READING, Tray
from app.notifications.models import Event
from tenants.db import rows

INVENTED = "demo"
"""Where a change came from that never happened: nobody need be told."""

MOST_STEPS = 10
"""Automatic steps after what a person did; what goes on for longer goes round in circles."""

Changes = Sequence[Row[Any]]


def read(changes: Changes, subjects: Sequence[Subject], tray: Tray) -> list[Happening]:
    """What happened with these, in the order of the changes. One that cannot be read is set aside."""
    tables = by_table(subjects)
    owners = _owners(changes, subjects)
    known = {subject: subject.read(_ids(changes, subject, owners)) for subject in subjects}
    found: list[Happening] = []
    for change in changes:
        if change.depth <= MOST_STEPS and change.source != INVENTED:
            with tray.trying(change.id, READING):
                own = _of_own(change, tables.get(change.table_name, ()), known)
                found += [*own, *_of_owner(change, owners, known)]
    return found


def told_by(subjects: Sequence[Subject]) -> set[str]:
    """The tables whose changes are about these."""
    return {one.table for one in subjects} | {str(part.model.__tablename__) for _, part in _parts(subjects)}


def past(changes: Changes, subjects: Sequence[Subject]) -> list[Happening]:
    """What happened with these, when the changes are long past: each is seen as the rows were then. ``changes``: in
    order, and the latest there are of their tables.

    1. Begin with the rows as they are now.
    2. Go back change by change, and undo each in what is known.
    """
    tables, owners = by_table(subjects), _owners(changes, subjects)
    known = {subject: dict(subject.read(_ids(changes, subject, owners))) for subject in subjects}
    found: list[Happening] = []
    for change in reversed(changes):
        concerned = tables.get(change.table_name, ())
        if change.depth <= MOST_STEPS:
            found += [*_of_own(change, concerned, known), *_of_owner(change, owners, known)]
        for subject in concerned:
            now = known[subject].get(change.record_id)
            if now is not None:
                known[subject][change.record_id] = replace(now, values={**now.values, **(change.old or {})})
    return found[::-1]


_Known = Mapping[Subject, Mapping[UUID, Known]]
_Owners = Mapping[UUID, tuple[Subject, UUID]]


def _ids(changes: Changes, subject: Subject, owners: _Owners) -> set[UUID]:
    own = {change.record_id for change in changes if change.table_name == subject.table}
    return own | {record_id for owner, record_id in owners.values() if owner is subject}


def _of_own(change: Row[Any], subjects: Sequence[Subject], known: _Known) -> Iterator[Happening]:
    for subject in subjects:
        now = known[subject].get(change.record_id)
        before, after = _sides(change, now)
        if after is not None and subject.is_so(after):
            changed = frozenset((change.new or {}) if change.op != "D" else {})
            yield _happening(
                change,
                subject,
                change.record_id,
                now,
                event=_event(change),
                before=before,
                after=after,
                changed=changed,
            )


def _sides(change: Row[Any], now: Known | None) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """What the row said before and after. The journal of an update holds only what differs."""
    match change.op:
        case "I":
            return None, change.new
        case "D":
            return change.old, change.old
        case _ if now is None:
            return None, None
        case _:
            after = {**now.values, **(change.new or {})}
            return {**after, **(change.old or {})}, after


def _event(change: Row[Any]) -> Event:
    if change.op == "I":
        return Event.CREATED
    gone = change.op == "D" or (change.new or {}).get("deleted_at") is not None
    return Event.DELETED if gone else Event.CHANGED


def _of_owner(change: Row[Any], owners: _Owners, known: _Known) -> Iterator[Happening]:
    """A telephone number that changed is a contact that changed."""
    owner = owners.get(change.id)
    now = known[owner[0]].get(owner[1]) if owner else None
    if owner and now:
        values = now.values
        changed = frozenset({change.table_name})
        yield _happening(
            change, owner[0], owner[1], now, event=Event.CHANGED, before=values, after=values, changed=changed
        )


def _happening(change: Row[Any], subject: Subject, record_id: UUID, now: Known | None, **what: Any) -> Happening:
    return Happening(
        subject=subject,
        record_id=record_id,
        title=now.title if now else "",
        at=change.at,
        change_id=change.id,
        actor=change.actor,
        group=str(change.xid),
        occasion=change.request or str(change.xid),
        goes_on=change.source == "job",
        **what,
    )


def _owners(changes: Changes, subjects: Sequence[Subject]) -> _Owners:
    """By change of a part, the record that it belongs to."""
    found: dict[UUID, tuple[Subject, UUID]] = {}
    for subject, part in _parts(subjects):
        own = [change for change in changes if change.table_name == part.model.__tablename__]
        updated = {change.record_id for change in own if change.op == "U"}
        stored = {row.id: dict(row._mapping) for row in rows(_owner(part), {"ids": list(updated)})} if updated else {}
        for change in own:
            row = (change.new or change.old or {}) if change.op != "U" else stored.get(change.record_id, {})
            if row.get(part.owner) is not None and _is_kind(subject, part, row):
                found.setdefault(change.id, (subject, UUID(str(row[part.owner]))))
    return found


def _is_kind(subject: Subject, part: Part, row: Mapping[str, Any]) -> bool:
    return part.owner_kind is None or row.get(part.owner_kind) == subject.name


def _parts(subjects: Sequence[Subject]) -> list[tuple[Subject, Part]]:
    named = {subject.name: subject for subject in subjects if subject.is_record}
    return [
        (named[entity.name], part)
        for entity in entity_types
        if entity.name in named
        for extension in entity_types.extensions(entity)
        for part in extension.parts
    ]


@cache
def _owner(part: Part) -> Select[Any]:
    model: Any = part.model
    named = [getattr(model, name) for name in (part.owner, part.owner_kind) if name is not None]
    return select(model.id, *named).where(model.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
