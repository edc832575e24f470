"""The work itself, chunk by chunk. A chunk is one transaction, which also remembers how far it came."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import insert

from app.core.entities import EntityType, create_records, entity_types
from app.imports import meeting, queries, revising, sheets
from app.imports.meeting import Sorted, Terms
from app.imports.models import Import, ImportChunk, ImportRefusal, ImportState, Tally, Way
from app.imports.rows import Checked, Checker
from tenants import clock, files
from tenants.context import current_origin
from tenants.db import db, new_id

ROWS = 1000
"""Few enough that whoever cancels meanwhile waits less than a request may wait for a lock, also on a busy day."""


def import_next(import_id: UUID) -> bool:
    """Import the next chunk of a running import, and say whether there is more.

    The import is locked meanwhile: a second run waits and goes on where this one ended.
    """
    one = db.session.get(Import, import_id, with_for_update=True)
    if one is None or one.state is not ImportState.RUNNING:
        return False
    entity = entity_types.named(one.entity)
    path = files.path_of(one.file_id)
    rows, position = sheets.rows(path, position=one.position, most=ROWS)
    with force_locale(one.locale):
        checker = Checker(entity, one.mapping)
        checked = [checker.check(row) for row in rows]
        touched = partial(queries.touched, entity, one)
        terms = Terms(mapping=one.mapping, takes_shared=one.takes_shared, touched=touched)
        found = meeting.sort_out(entity, checked, terms)
    one.advance(_save(entity, one, found), position=position, at=clock.now())
    return one.state is ImportState.RUNNING


def _save(entity: EntityType, one: Import, found: Sorted) -> Tally:
    since = new_id()
    created = create_records(entity, [row.values for row in found.new]) if found.new else []
    changed = [] if one.way is Way.NEW else revising.revise(entity, one, found.found)
    if found.refused:
        db.session.execute(insert(ImportRefusal), [_refusal(one.id, row) for row in found.refused])
    if created or changed:
        _remember(entity, one, since, created, changed)
    return Tally(
        created=len(created),
        updated=len(changed),
        unchanged=len(found.found) - len(changed),
        refused=len(found.refused),
    )


def _remember(
    entity: EntityType, one: Import, since: UUID, created: Sequence[UUID], changed: list[revising.Before]
) -> None:
    cause = current_origin().cause
    by_kind = {entity.name: [str(record_id) for record_id in created]}
    for row in queries.came_along(entity, since=since, cause=cause):
        by_kind.setdefault(row.kind, []).append(str(row.id))
    own = [*created, *(UUID(record_id) for record_id, *_ in changed)]
    db.session.add(ImportChunk(import_id=one.id, cause=cause, created=by_kind, updated=changed, record_ids=own))


def _refusal(import_id: UUID, checked: Checked) -> dict[str, object]:
    return {
        "id": new_id(),
        "import_id": import_id,
        "line": checked.row.number,
        "reasons": [list(reason) for reason in checked.reasons],
        "cells": checked.row.cells,
    }
