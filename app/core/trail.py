"""The records that a user opened last. They are remembered beside the database: a page pays no statement for it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import request

from app.core import access, records
from app.core.entities import EntityRef, EntityType, entity_types
from tenants import memory
from tenants.context import current_actor

MOST = 20


def note(entity: EntityType, record_id: UUID) -> None:
    """Somebody looks at this record. What a browser only fetches ahead nobody has opened yet; the panels that it
    fetches once the page is seen say so then.
    """
    user_id = current_actor().user_id
    if user_id is not None and request.headers.get("X-Sec-Purpose", request.headers.get("Sec-Purpose")) != "prefetch":
        memory.put_first(_name(user_id), f"{entity.name}:{record_id}", most=MOST)


def latest() -> Sequence[tuple[EntityType, UUID, str]]:
    """(kind, id, what it is called), the last one first, as far as the actor may see them today; at most one
    statement for each kind.
    """
    user_id = current_actor().user_id
    refs = [ref for text in memory.listed(_name(user_id)) if (ref := _read(text))] if user_id else []
    kinds = {entity.name: entity for entity in entity_types if access.may(entity.may("read"))}
    called: dict[EntityRef, str] = {}
    for name in {ref.type for ref in refs} & kinds.keys():
        titles = records.titles(kinds[name], [ref.id for ref in refs if ref.type == name])
        called.update({EntityRef(name, record_id): title for record_id, title in titles.items()})
    return [(kinds[ref.type], ref.id, called[ref]) for ref in refs if ref in called]


def _name(user_id: UUID) -> str:
    return f"trail:{user_id}"


def _read(text: str) -> EntityRef | None:
    name, _, written = text.partition(":")
    try:
        return EntityRef(name, UUID(written))
    except ValueError:
        return None
