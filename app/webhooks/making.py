"""From what happened to what is sent of it: one message for each webhook and record of a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.core.entities import entity_types
from app.core.features import features
from app.core.resources import told_moment
from app.escalation.matching import Happening
from app.notifications.models import Channel, Delivery, DeliveryState, Event
from app.webhooks import merging, queries
from tenants import clock, relay
from tenants.changes import DERIVED
from tenants.db import db, new_id

SAID: Mapping[Event, str] = {Event.CREATED: "created", Event.CHANGED: "updated", Event.DELETED: "deleted"}
"""How an event is called outside. Never changes."""

RESTORED = "restored"
"""How a change is called outside by which a deleted record is there again."""

TEST = "webhook.test"
_SETTLES = timedelta(seconds=10)
"""In so long all turns of a large transaction are over, as a rule; later ones are told of for themselves."""

_SILENT = frozenset({*DERIVED, "id"})


def wants() -> frozenset[str]:
    return frozenset(kind for webhook in queries.active() for kind in webhook.kinds)


def take(found: Sequence[Happening], goes_on: bool) -> None:
    """Put on its way what each webhook is to be told. Where more of the same transaction may follow in the next turn,
    it waits for that: it is told of as one.
    """
    active, due_at = queries.active(), clock.now() + (_SETTLES if goes_on else timedelta())
    put(
        [
            message(f"{webhook.id}:{one[0].record_id}:{one[0].group}", webhook.id, payload(one), due_at=due_at)
            for one in _joined(found)
            if _shows(one)
            for webhook in active
            if one[0].subject.name in webhook.kinds and _event(one) in webhook.events
        ]
    )


def put(messages: Sequence[dict[str, Any]]) -> None:
    """One that nobody has begun to send takes up what follows of the same key; after one that was sent it follows."""
    if not messages:
        return
    same = select(Delivery).where(Delivery.key.in_([one["key"] for one in messages])).with_for_update()
    known = {one.key: one for one in db.session.scalars(same)}
    new = []
    for one in messages:
        before = known.get(one["key"])
        if before is None:
            new.append(one)
        elif before.state is DeliveryState.PENDING and before.attempts == 0:
            before.payload = merging.merged(before.payload or {}, one["payload"])
            before.due_at = one["due_at"] if before.due_at is not None else None
        else:
            new.append({**one, "key": f"{one['key']}:{one['payload']['data']['change_id']}"})
    if new:
        db.session.execute(insert(Delivery).on_conflict_do_nothing(index_elements=["key"]), new)
    relay.mark_due()


def test_message(webhook_id: UUID, *, at: datetime) -> dict[str, Any]:
    said = {"type": TEST, "timestamp": told_moment(at), "data": {"kind": "webhook", "id": str(webhook_id)}}
    return message(f"{webhook_id}:{new_id()}", webhook_id, said, due_at=at)


def message(key: str, webhook_id: UUID, said: Mapping[str, Any], *, due_at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "created_at": clock.now(),
        "key": key,
        "channel": Channel.WEBHOOK,
        "target": str(webhook_id),
        "payload": said,
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "due_at": due_at,
    }


def _joined(found: Sequence[Happening]) -> list[list[Happening]]:
    """What one transaction did to one record belongs together: a new contact with two numbers is one new contact."""
    groups: dict[tuple[str, UUID, str], list[Happening]] = {}
    for one in found:
        groups.setdefault((one.subject.name, one.record_id, one.group), []).append(one)
    return list(groups.values())


def _event(group: Sequence[Happening]) -> Event:
    events = {one.event for one in group}
    return next(event for event in (Event.DELETED, Event.CREATED, Event.CHANGED) if event in events)


def _shows(group: Sequence[Happening]) -> bool:
    """Not so where only what no program can read has changed."""
    return _event(group) is not Event.CHANGED or _is_back(group) or any(_changed(one) for one in group)


def _is_back(group: Sequence[Happening]) -> bool:
    return any("deleted_at" in one.changed and one.after.get("deleted_at") is None for one in group)


def _said(group: Sequence[Happening]) -> str:
    event = _event(group)
    return RESTORED if event is Event.CHANGED and _is_back(group) else SAID[event]


def payload(group: Sequence[Happening]) -> dict[str, Any]:
    """Of one record and one transaction, in the order in which it happened."""
    first, last, event = group[0], group[-1], _event(group)
    return {
        "type": f"{first.subject.name}.{_said(group)}",
        "timestamp": told_moment(last.at),
        "data": {
            "kind": first.subject.name,
            "id": str(first.record_id),
            "title": last.title,
            "changed": sorted({name for one in group for name in _changed(one)}),
            "old": None if event is Event.CREATED else _values([(one, one.before) for one in reversed(group)]),
            "new": None if event is Event.DELETED else _values([(one, one.after) for one in group]),
            "actor_id": str(first.actor) if first.actor else None,
            "change_id": str(first.change_id),
        },
    }


def _changed(one: Happening) -> set[str]:
    """Fields, and collections that belong to the record."""
    entity = next((entity for entity in entity_types if entity.name == one.subject.name), None)
    extensions = entity_types.extensions(entity) if entity is not None else ()
    parts = [part for extension in extensions for part in extension.parts]
    collections = {part.collection for part in parts if part.model.__tablename__ in one.changed}
    return {*_told(one, one.after), *collections}


def _values(sides: Sequence[tuple[Happening, Mapping[str, Any] | None]]) -> dict[str, Any]:
    """Of what changed, what it said; where something changed twice, on the last of these sides."""
    return {name: value for one, values in sides for name, value in _told(one, values or {}).items()}


def _told(one: Happening, values: Mapping[str, Any]) -> dict[str, Any]:
    """What changed, in the words of the interface where programs can read such records there."""
    resources = (resource for feature in features for resource in feature.resources)
    resource = next((resource for resource in resources if resource.kind == one.subject.name), None)
    changed = {name: values[name] for name in sorted(one.changed - _SILENT) if name in values}
    told = changed if resource is None else resource.read.told(changed)
    return {name: _plain(value) for name, value in told.items()}


def _plain(value: Any) -> Any:
    """As JSON knows it."""
    match value:
        case None | bool() | int() | str() | list() | dict():
            return value
        case datetime():
            return told_moment(value)
        case date():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
        case _:
            return str(value)
