"""Who changed what last, and when: as the journal has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Row, Uuid, any_, bindparam, select

from app.core.features import features
from tenants.changes import Change
from tenants.db import rows

MOST = 200
"""Changes that are looked at; whatever is older has no author."""

_CHANGES = (
    select(Change.at, Change.record_id, Change.new, Change.actor)
    .where(Change.record_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(Change.at.desc(), Change.ord.desc())
    .limit(bindparam("limit", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the journal tells of something that a form shows."""

    record_id: UUID
    columns: tuple[str, ...] = ()
    """None: any of them."""


@dataclass(frozen=True, slots=True)
class Author:
    at: datetime
    who: str
    """Empty where nobody of the firm did it."""

    user_id: UUID | None


def last_authors(traces: Mapping[str, Trace]) -> Mapping[str, Author]:
    """By name, who changed it last; in one statement, and one for what these people are called."""
    if not traces:
        return {}
    changes = rows(_CHANGES, {"ids": list({trace.record_id for trace in traces.values()}), "limit": MOST})
    last = {name: _last(changes, trace) for name, trace in traces.items()}
    found = {name: change for name, change in last.items() if change is not None}
    people = features.people({change.actor for change in found.values() if change.actor is not None})
    return {
        name: Author(at=change.at, who=people.get(change.actor, ""), user_id=change.actor)
        for name, change in found.items()
    }


def _last(changes: Sequence[Row[Any]], trace: Trace) -> Row[Any] | None:
    return next((change for change in changes if _tells(change, trace)), None)


def _tells(change: Row[Any], trace: Trace) -> bool:
    if change.record_id != trace.record_id:
        return False
    return not trace.columns or any(column in (change.new or {}) for column in trace.columns)
