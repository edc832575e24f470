"""The work itself, chunk by chunk. A chunk is one transaction, which also remembers how far it came."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import insert

from app.core.entities import create_records, entity_types
from app.imports import sheets
from app.imports.models import Import, ImportRefusal, ImportState
from app.imports.rows import Checked, Checker
from tenants import clock, files
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
    path = files.path_of(one.file_id)
    rows, position = sheets.rows(path, position=one.position, most=ROWS)
    with force_locale(one.locale):
        checker = Checker(entity_types.named(one.entity), one.mapping)
        checked = [checker.check(row) for row in rows]
    _save(one, checked, position=position)
    return one.state is ImportState.RUNNING


def _save(one: Import, checked: Sequence[Checked], *, position: int) -> None:
    fine = [row.values for row in checked if not row.reasons]
    refused = [_refusal(one.id, row) for row in checked if row.reasons]
    if fine:
        create_records(entity_types.named(one.entity), fine)
    if refused:
        db.session.execute(insert(ImportRefusal), refused)
    one.advance(position=position, created=len(fine), refused=len(refused), at=clock.now())


def _refusal(import_id: UUID, checked: Checked) -> dict[str, object]:
    return {
        "id": new_id(),
        "import_id": import_id,
        "line": checked.row.number,
        "reasons": [list(reason) for reason in checked.reasons],
        "cells": checked.row.cells,
    }
