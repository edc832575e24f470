"""What is still to be done and is on two records at once, as on a person and the company that the person leaves; and
what becomes of it. Features describe their part, and it is found in one statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Integer, Row, Select, bindparam, literal, select, union_all

from app.core import access
from app.core.entities import EntityRef
from app.core.features import Unfinished, features
from tenants.db import rows

MOST = 30
"""Things that are asked about at once."""


class Fate(StrEnum):
    AS_IT_IS = ""
    WITH_FIRST = "first"
    WITH_SECOND = "second"
    HANDED_OVER = "handed"


class Pair(NamedTuple):
    """The two records that come apart."""

    first: EntityRef
    second: EntityRef


def between(pair: Pair) -> Sequence[Row[Any]]:
    """(feature, id, title, due) of what the actor may change, what is due first before all; one statement."""
    own = _open_to_actor()
    if not own:
        return []
    found = _statement(tuple(own))
    return rows(found, {"first_id": pair.first.id, "second_id": pair.second.id, "limit": MOST})


def decide(pair: Pair, fates: Mapping[UUID, Fate], *, heir: UUID | None) -> None:
    """What nobody has decided about stays as it is, as does what is finished by now."""
    found = between(pair)
    for name, unfinished in _open_to_actor().items():
        decided = {row.id: fates.get(row.id) for row in found if row.feature == name}
        for fate, left in ((Fate.WITH_FIRST, pair.second), (Fate.WITH_SECOND, pair.first)):
            if ids := [one for one, chosen in decided.items() if chosen is fate]:
                unfinished.take_off(ids, left)
        ids = [one for one, chosen in decided.items() if chosen is Fate.HANDED_OVER]
        if ids and heir is not None:
            unfinished.give(ids, heir)


def _open_to_actor() -> Mapping[str, Unfinished]:
    described = ((feature.name, feature.unfinished) for feature in features)
    return {name: one for name, one in described if one is not None and access.may(one.permission)}


@cache
def _statement(names: tuple[str, ...]) -> Select[Any]:
    described = {feature.name: feature.unfinished for feature in features if feature.unfinished is not None}
    each = [described[name].statement.add_columns(literal(name).label("feature")) for name in names]
    both = union_all(*each).subquery()
    return select(both).order_by(both.c.due.nulls_last(), both.c.id).limit(bindparam("limit", type_=Integer))
