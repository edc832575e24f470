"""What lies in the recycle bin, in groups of one kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from uuid import UUID

from flask import url_for

from app.core import access, records
from app.core.bins import Bin, Discarded
from app.core.entities import EntityType, entity_types
from app.core.features import features
from app.recyclebin import queries

Group = tuple[Bin, Sequence[Discarded]]


def groups() -> list[Group]:
    """What the actor may see, and of it the kinds of which something lies there."""
    open_ones = [one for one in _bins() if access.may(f"{one.permission}.read")]
    loaded = [(one, one.load(queries.MOST)) for one in open_ones]
    return [*_of_records(), *((one, found) for one, found in loaded if found)]


def kind(name: str) -> Bin:
    """Raises UnknownEntity."""
    found = next((one for one in _bins() if one.kind == name), None)
    return found or _of_entity(entity_types.named(name), ())


def _of_records() -> Iterator[Group]:
    seen = [entity for entity in entity_types if access.may(entity.may("read"))]
    own = {name: list(rows) for name, rows in groupby(queries.deleted(seen), key=lambda row: row.kind)}
    for entity in seen:
        if entity.name in own:
            belonged = entity.belonged([row.id for row in own[entity.name]])
            found = [Discarded(row.id, row.title, row.deleted_at, belonged.get(row.id, ())) for row in own[entity.name]]
            yield _of_entity(entity, found), found


def _of_entity(entity: EntityType, found: Sequence[Discarded]) -> Bin:
    return Bin(
        kind=entity.name,
        plural=entity.plural,
        icon=entity.icon,
        permission=entity.permission,
        load=lambda _limit: found,
        take_back=partial(_take_back, entity),
    )


def _take_back(entity: EntityType, record_id: UUID) -> str:
    records.require_free(entity, record_id)
    records.take_back(entity.model, record_id)
    return url_for(entity.endpoint, record_id=record_id)


def _bins() -> list[Bin]:
    return [one for feature in features for one in feature.bins]
