"""What lies in the recycle bin, in groups of one kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import Row

from app.core import access, records
from app.core.bins import Bin, Discarded
from app.core.entities import EntityType, entity_types
from app.core.features import features
from app.recyclebin import queries


@dataclass(frozen=True, slots=True)
class Group:
    bin: Bin
    rows: Sequence[Discarded]
    next_url: str | None
    """Where those are that were deleted earlier."""


def groups() -> list[Group]:
    """What the actor may see, and of it the kinds of which something lies there, a page of each."""
    open_ones = [one for one in _bins() if access.may(f"{one.permission}.read")]
    loaded = ((one, one.load(queries.PAGE + 1, None)) for one in open_ones)
    return [_group(one, found) for one, found in (*_of_records(), *loaded) if found]


def one_kind(name: str, *, behind: UUID | None) -> list[Group]:
    """The next page of one kind.

    Raises UnknownEntity, PermissionMissing.
    """
    asked = kind(name)
    access.require(f"{asked.permission}.read")
    found = asked.load(queries.PAGE + 1, behind)
    return [_group(asked, found)] if found else []


def _group(asked: Bin, found: Sequence[Discarded]) -> Group:
    shown, is_all = found[: queries.PAGE], len(found) <= queries.PAGE
    return Group(asked, shown, None if is_all else url_for("recyclebin.index", kind=asked.kind, behind=shown[-1].id))


def kind(name: str) -> Bin:
    """Raises UnknownEntity."""
    found = next((one for one in _bins() if one.kind == name), None)
    return found or _of_entity(entity_types.named(name))


def _of_records() -> Iterator[tuple[Bin, Sequence[Discarded]]]:
    seen = [entity for entity in entity_types if access.may(entity.may("read"))]
    own = {name: list(rows) for name, rows in groupby(queries.deleted(seen), key=lambda row: row.kind)}
    return ((_of_entity(entity), _told(entity, own[entity.name])) for entity in seen if entity.name in own)


def _told(entity: EntityType, rows: Sequence[Row[Any]]) -> list[Discarded]:
    belonged = entity.belonged([row.id for row in rows])
    return [Discarded(row.id, row.title, row.deleted_at, belonged.get(row.id, ())) for row in rows]


def _of_entity(entity: EntityType) -> Bin:
    return Bin(
        kind=entity.name,
        plural=entity.plural,
        icon=entity.icon,
        permission=entity.permission,
        load=partial(_load, entity),
        take_back=partial(_take_back, entity),
    )


def _load(entity: EntityType, _limit: int, behind: UUID | None) -> Sequence[Discarded]:
    return _told(entity, queries.deleted([entity]) if behind is None else queries.deleted_behind(entity, behind))


def _take_back(entity: EntityType, record_id: UUID) -> str:
    records.require_free(entity, record_id)
    records.take_back(entity.model, record_id)
    return url_for(entity.endpoint, record_id=record_id)


def _bins() -> list[Bin]:
    return [one for feature in features for one in feature.bins]
