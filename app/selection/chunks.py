"""The work itself, chunk by chunk: a chunk is one transaction, which also remembers what it changed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.core import listing, selecting
from app.core.bulk import BulkAction
from app.core.entities import entity_types
from app.core.listing import Query
from app.selection import queries
from app.selection.models import BulkChange, BulkChunk, BulkState
from app.users import authors
from tenants.db import db, new_id

CHUNK = 500
"""Records that are changed while a person waits; more are a job."""


def do(action: BulkAction, change: BulkChange, ids: Sequence[UUID], *, place: str | None) -> None:
    changed = action.run(entity_types.named(change.entity), ids, change.argument) if ids else []
    if changed:
        db.session.add(BulkChunk(id=new_id(), bulk_change_id=change.id, record_ids=list(changed)))
    change.advance(seen=len(ids), changed=len(changed), place=place)
    db.session.flush()


def go_on(change_id: UUID) -> bool:
    """The next chunk of all that is found; answers whether there is more."""
    change = queries.bulk_change_to_work(change_id)
    if change.state is not BulkState.RUNNING:
        return False
    entity = entity_types.named(change.entity)
    action = selecting.action_named(entity, change.action)
    if not selecting.permissions(entity, action) <= authors.may_today(change.author_id):
        change.state = BulkState.STOPPED
        return False
    page = listing.find(entity, Query(**change.wanted, after=change.place), limit=CHUNK)
    do(action, change, [row.id for row in page.rows], place=page.next)
    return change.state is BulkState.RUNNING


def go_back(change_id: UUID) -> bool:
    """Undo the last chunk that is not undone yet; answers whether there is more."""
    change = queries.bulk_change_to_work(change_id)
    if change.state is not BulkState.UNDOING:
        return False
    chunk = queries.next_chunk_to_undo(change.id)
    if chunk is None:
        change.state = BulkState.UNDONE
        return False
    entity = entity_types.named(change.entity)
    selecting.action_named(entity, change.action).undo(entity, chunk.record_ids, change.argument)
    chunk.undone = True
    db.session.flush()
    return True
