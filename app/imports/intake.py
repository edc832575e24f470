"""A list on its way from the uploaded file to the form in which it is kept, and what its columns may be."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import IO
from uuid import UUID

from flask_babel import force_locale

from app.core import errors
from app.core.entities import entity_types
from app.imports import mapping, queries, reading, sheets
from app.imports.models import Import, ImportState
from app.imports.sheets import Sheet
from tenants import clock, files
from tenants.context import current_actor, current_origin, current_scope, tenant_scope
from tenants.db import db, unit_of_work
from tenants.errors import Conflict, Refusal

SAMPLED = 50
"""Rows from whose contents a column is recognised."""


class NotWantedAnyMore(Conflict):
    """The import was cancelled while its list was being read."""

    code = "import_not_wanted_any_more"


def look_ahead(one: Import, stream: IO[bytes]) -> None:
    """Propose the columns from the first rows of a text, before all of it is read.

    Raises what ``reading.records`` raises.
    """
    (_, headings), *sample = islice(reading.records(stream), 1 + SAMPLED)
    _propose(one, headings, [cells for _, cells in sample])


def read(import_id: UUID, *, sheet: str) -> None:
    """Read the uploaded file of an import; of a workbook the sheet of this name, or else its first.

    One that is killed meanwhile is read from its beginning once more: nothing is known of it before its end.
    """
    one = db.session.get(Import, import_id)
    if one is None or one.state is not ImportState.READING or one.source_id is None:
        return
    found: Sheet | None = None
    reason = ""
    try:
        with force_locale(one.locale), files.path_of(one.source_id).open("rb") as stream:
            found = sheets.keep(stream, name=queries.name_of(one), sheet=sheet, tell=partial(_tell, import_id))
    except NotWantedAnyMore:
        return
    except Refusal as refusal:
        with force_locale(one.locale):
            reason = errors.say(refusal)
    db.session.refresh(one, with_for_update=True)
    _settle(one, found, reason)


def _settle(one: Import, found: Sheet | None, reason: str) -> None:
    """Cancelled in the last moment, it leaves a file that is forgotten with the others."""
    if one.state is not ImportState.READING:
        return
    if found is None:
        if not one.position:
            files.forget(one.file_id)
        one.refuse(reason, at=clock.now())
        return
    if one.source_id != one.file_id:
        files.forget(one.file_id)
    if one.source_id is not None and len(found.names) <= 1:
        files.forget(one.source_id)
        one.source_id = None
    one.state = ImportState.DRAFT
    lay_out(one, found)


def lay_out(one: Import, sheet: Sheet) -> None:
    """What was chosen from the first rows while the others were read stays chosen."""
    one.file_id, one.total, one.position = sheet.file_id, sheet.total, sheet.start
    one.sheets, one.sheet, one.done = list(sheet.names), sheet.name, 0
    if one.headings != sheet.headings:
        sample, _ = sheets.rows(files.path_of(sheet.file_id), position=sheet.start, most=SAMPLED)
        _propose(one, sheet.headings, [row.cells for row in sample])


def _propose(one: Import, headings: list[str], sample: list[list[str]]) -> None:
    entity = entity_types.named(one.entity)
    one.headings, one.headings_key = headings, mapping.key_of(headings)
    last = queries.last_alike(entity.name, one.headings_key)
    if last is None:
        one.mapping = mapping.proposed(entity, headings, sample)
    else:
        one.mapping, one.way = mapping.chosen(entity, last.mapping, width=len(headings)), last.way


def _tell(import_id: UUID, rows: int) -> None:
    """In a transaction of its own, for the page to see.

    Raises NotWantedAnyMore.
    """
    with tenant_scope(current_scope(), actor=current_actor(), origin=current_origin()), unit_of_work():
        one = queries.import_to_read(import_id)
        if one is None:
            raise NotWantedAnyMore
        one.done = rows
