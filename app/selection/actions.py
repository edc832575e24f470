from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert

from app.core import listing
from app.core.bulk import BulkAction
from app.core.entities import EntityType
from app.core.listing import Query
from app.selection import chunks, jobs, queries
from app.selection.models import BulkChange, BulkState
from tenants import clock
from tenants.context import current_actor
from tenants.db import db
from tenants.errors import Invalid
from tenants.jobs import later, later_if_room

MOST = 50_000


class NothingSelected(Invalid):
    """No row is selected."""

    code = "nothing_selected"


class TooManyFound(Invalid):
    """That is more than 50,000 rows at once. Please narrow the list by a filter or a word."""

    code = "too_many_found"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody wants done with records of a list."""

    entity: EntityType
    action: BulkAction
    argument: str
    ids: Sequence[UUID]
    query: Query | None
    """In the place of ids: all that is found."""

    token: UUID
    """Of the page from which it was sent."""

    def change_id(self) -> UUID:
        told = [self.entity.name, self.action.name, self.argument, sorted(map(str, self.ids)), self.query]
        return uuid5(self.token, repr(told))


def begin(asked: Asked) -> BulkChange:
    """Do it, or let a worker do it where that takes long. What was sent twice is done once.

    Raises NothingSelected, TooManyFound, and what the action's ``prepare`` raises.
    """
    change = _new(asked)
    if change is None:
        before = queries.bulk_change(asked.change_id())
        # A page that a browser has kept is sent again on purpose once its change is undone.
        return begin(replace(asked, token=before.id)) if before.state is BulkState.UNDONE else before
    if asked.query is None:
        chunks.do(asked.action, change, queries.visible_among(asked.entity, asked.ids), place=None)
    elif change.total <= chunks.CHUNK:
        chunks.go_on(change.id)
    else:
        later_if_room(jobs.go_on, change_id=str(change.id))
    return change


def undo(change: BulkChange) -> None:
    """Take back what was changed, at once or by a worker. Asked twice, it is undone once.

    Raises StillRunning.
    """
    if change.state in (BulkState.UNDOING, BulkState.UNDONE):
        return
    change.begin_undo()
    db.session.flush()
    if change.changed <= chunks.CHUNK:
        while chunks.go_back(change.id):
            pass
    else:
        later(jobs.go_back, change_id=str(change.id))


def _new(asked: Asked) -> BulkChange | None:
    """None where this has been sent before."""
    total = len(asked.ids) if asked.query is None else listing.count(asked.entity, asked.query, most=MOST + 1)
    if not total:
        raise NothingSelected
    if total > MOST:
        raise TooManyFound
    now = clock.now()
    values = {
        "id": asked.change_id(),
        "created_at": now,
        "updated_at": now,
        "entity": asked.entity.name,
        "action": asked.action.name,
        "argument": asked.action.prepare(asked.argument),
        "wanted": _wanted(asked.query),
        "total": total,
        "author_id": current_actor().user_id,
    }
    added = insert(BulkChange).values(values).on_conflict_do_nothing(index_elements=[BulkChange.id])
    return db.session.scalar(added.returning(BulkChange))


def _wanted(query: Query | None) -> Mapping[str, object]:
    """Always walked by name: what is done may change the other orders. What is only similar to the words is not meant:
    a page shows the closest of it alone.
    """
    return {} if query is None else {"words": query.words, "filters": dict(query.filters or {}), "guesses": False}
