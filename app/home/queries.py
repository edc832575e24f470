from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, literal, select, union_all

from app.core import access, links
from app.core.entities import EntityType, entity_types
from app.core.features import features
from app.core.overview import Agenda
from tenants.db import rows

MOST, MOST_FOLLOWED = 12, 8


@dataclass(frozen=True, slots=True)
class Latest:
    entity: EntityType
    url: str
    title: str
    at: datetime


def agendas() -> Sequence[Agenda]:
    """What waits for the actor, whichever feature tells it."""
    return [agenda for feature in features if (agenda := feature.agenda()) is not None]


def latest() -> Sequence[Latest]:
    """The records that changed last, of every described kind that the actor may see, in one statement."""
    each = tuple(entity for entity in entity_types if access.may(entity.may("read")))
    found = rows(_latest(each)) if each else ()
    url_of = {entity.name: links.record_urls(entity) for entity in each}
    return [Latest(entity_types.named(row.entity), url_of[row.entity](row.id), row.title, row.at) for row in found]


@cache
def _latest(entities: tuple[EntityType, ...]) -> Select[Any]:
    """Built once for each set of kinds: everybody's day begins here."""
    found = union_all(*[_of(entity) for entity in entities]).subquery()
    return select(found).order_by(found.c.at.desc()).limit(MOST)


def _of(entity: EntityType) -> Any:
    model: Any = entity.model
    newest = (
        select(
            literal(entity.name).label("entity"),
            model.id,
            getattr(model, entity.title).label("title"),
            model.updated_at.label("at"),
        )
        .where(model.deleted_at.is_(None))
        .order_by(model.updated_at.desc(), model.id.desc())
        .limit(MOST)
        .subquery()
    )
    return select(newest)
