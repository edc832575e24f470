"""A list on its way from the uploaded file to the form in which it is kept, and what its columns may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import IO
from uuid import UUID

from flask_babel import force_locale

from app.core import errors
from app.core.entities import entity_types
from app.imports import mapping, queries, reading, sheets
from app.imports.models import Import, ImportState
from app.imports.reading import Record
from app.imports.sheets import Sheet
from tenants import clock, files
from tenants.context import current_actor, current_origin, current_scope, tenant_scope
from tenants.db import db, unit_of_work
from tenants.errors import Conflict, Refusal

LARGE = 2 << 20
"""Bytes; of a larger text the columns can be chosen while the rest is read."""


class NotWantedAnyMore(Conflict):
    """The import was cancelled while its list was being read."""

    code = "import_not_wanted_any_more"


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
            found = _kept(stream, one, sheet=sheet)
    except NotWantedAnyMore:
        return
    except Refusal as refusal:
        with force_locale(one.locale):
            reason = errors.say(refusal)
    db.session.refresh(one, with_for_update=True)
    _settle(one, found, reason)


def _kept(stream: IO[bytes], one: Import, *, sheet: str) -> Sheet:
    name, is_first = queries.name_of(one), one.position == 0
    look = partial(_look, one.id, name) if is_first and reading.check_size(stream) > LARGE else _look_at_nothing
    return sheets.keep(stream, name=name, sheet=sheet, look=look, tell=partial(_tell, one.id))


def _settle(one: Import, found: Sheet | None, reason: str) -> None:
    if one.state is not ImportState.READING:
        # Cancelled in the last moment.
        if found is not None:
            files.forget(found.file_id)
        return
    if found is None:
        if not one.position:
            forget_files(one)
        one.refuse(reason, at=clock.now())
        return
    if one.source_id != one.file_id:
        files.forget(one.file_id)
    if one.source_id is not None and len(found.names) <= 1:
        files.forget(one.source_id)
        one.source_id = None
    one.state = ImportState.DRAFT
    lay_out(one, found)


def forget_files(one: Import) -> None:
    """Once this is saved, nothing that was uploaded is left; the report stays."""
    one.forgotten_at = clock.now()
    for file_id in {one.file_id, one.source_id or one.file_id}:
        files.forget(file_id)


def lay_out(one: Import, sheet: Sheet) -> None:
    """What was chosen from the first rows while the others were read stays chosen."""
    one.file_id, one.total, one.position = sheet.file_id, sheet.total, sheet.start
    one.sheets, one.sheet, one.done = list(sheet.names), sheet.name, 0
    if one.headings != sheet.headings:
        sample, _ = sheets.rows(files.path_of(sheet.file_id), position=sheet.start, most=sheets.SAMPLED)
        _propose(one, sheet.headings, [row.cells for row in sample])


def _propose(one: Import, headings: list[str], sample: list[list[str]]) -> None:
    entity = entity_types.named(one.entity)
    one.headings, one.headings_key = headings, mapping.key_of(headings)
    last = queries.last_alike(entity.name, one.headings_key)
    if last is None:
        one.mapping = mapping.proposed(entity, headings, sample)
    else:
        one.mapping, one.way = mapping.chosen(entity, last.mapping, width=len(headings)), last.way


def _look(import_id: UUID, name: str, first: Sequence[Record]) -> None:
    """Propose the columns, and keep the first rows for the page to show, in a transaction of its own.

    Raises NotWantedAnyMore.
    """
    with _still_wanted(import_id) as one:
        if one.file_id != one.source_id:
            files.forget(one.file_id)
        one.file_id = sheets.keep_rows(iter(first), name=name).file_id
        (_, headings), *sample = first
        if one.headings != headings:
            _propose(one, headings, [cells for _, cells in sample])


def _look_at_nothing(_first: Sequence[Record]) -> None:
    """All of it is read in a moment."""


def _tell(import_id: UUID, rows: int) -> None:
    """For the page to see. Raises NotWantedAnyMore."""
    with _still_wanted(import_id) as one:
        one.done = rows


@contextmanager
def _still_wanted(import_id: UUID) -> Iterator[Import]:
    """The import, in a transaction of its own. Raises NotWantedAnyMore."""
    with tenant_scope(current_scope(), actor=current_actor(), origin=current_origin()), unit_of_work():
        one = queries.import_to_read(import_id)
        if one is None:
            raise NotWantedAnyMore
        yield one
