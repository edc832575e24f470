from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core import keys, listing, shapes
from app.core.entities import EntityType
from app.core.listing import Page, Query

HITS = 12
"""Of each kind of record."""


@dataclass(frozen=True, slots=True)
class Hits:
    entity: EntityType
    page: Page


def find(words: str, entities: Sequence[EntityType]) -> list[Hits]:
    """What the words find, by kind of record: two or three statements a kind, never one a row."""
    if not keys.patterns(words):
        return []
    exact = _find(Query(words=words, sort=shapes.FIT, guesses=False), entities)
    return exact or _find(Query(words=words, sort=shapes.FIT), entities)


def _find(query: Query, entities: Sequence[EntityType]) -> list[Hits]:
    found = [Hits(entity, listing.load(entity, query, limit=HITS)) for entity in entities]
    return [hits for hits in found if hits.page.rows]
