from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import IO

from app.core import i18n
from app.core.entities import EntityType
from app.imports import jobs, mapping, queries, reading, sheets
from app.imports.models import Import, ImportState, Way
from app.imports.sheets import Sheet
from tenants import clock, files
from tenants.context import current_actor
from tenants.db import db, new_id
from tenants.errors import Invalid
from tenants.jobs import later

SAMPLED = 50
"""Rows from whose contents a column is recognised."""


class SheetMissing(Invalid):
    """This workbook has no such sheet."""

    code = "import_sheet_missing"


class ColumnsMissing(Invalid):
    """The columns are not chosen completely yet."""

    code = "import_columns_missing"


def take_in(entity: EntityType, stream: IO[bytes], *, name: str) -> Import:
    """Keep a list as a draft, with a first proposal of what its columns are.

    Raises what ``sheets.keep`` raises.
    """
    sheet = sheets.keep(stream, name=name)
    one = Import(id=new_id(), entity=entity.name, locale=i18n.locale(), author_id=current_actor().user_id)
    if len(sheet.names) > 1:
        stream.seek(0)
        one.source_id = files.keep(stream, name=name, limit=reading.MOST_BYTES).id
    _lay_out(entity, one, sheet)
    db.session.add(one)
    db.session.flush()
    return one


def take_sheet(entity: EntityType, one: Import, name: str) -> None:
    """Another sheet of the same workbook instead.

    Raises NoLongerOpen, SheetMissing, and what ``sheets.keep`` raises.
    """
    one.require_open()
    if name == one.sheet:
        return
    if name not in one.sheets or one.source_id is None:
        raise SheetMissing
    with files.path_of(one.source_id).open("rb") as stream:
        sheet = sheets.keep(stream, name=queries.name_of(one), sheet=name)
    files.forget(one.file_id)
    _lay_out(entity, one, sheet)


def _lay_out(entity: EntityType, one: Import, sheet: Sheet) -> None:
    sample, _ = sheets.rows(files.path_of(sheet.file_id), position=sheet.start, most=SAMPLED)
    one.file_id, one.total, one.position = sheet.file_id, sheet.total, sheet.start
    one.sheets, one.sheet = list(sheet.names), sheet.name
    one.headings, one.headings_key = sheet.headings, mapping.key_of(sheet.headings)
    last = queries.last_alike(entity.name, one.headings_key)
    if last is None:
        one.mapping = mapping.proposed(entity, sheet.headings, [row.cells for row in sample])
    else:
        one.mapping, one.way = mapping.chosen(entity, last.mapping, width=len(sheet.headings)), last.way


def launch(entity: EntityType, one: Import, columns: Sequence[str], way: Way) -> None:
    """Let the worker begin. Asked twice it begins once; one that has stalled goes on where it stood.

    Raises ColumnsMissing.
    """
    if one.state is ImportState.DRAFT:
        one.choose(list(columns), way)
        if mapping.problems(entity, columns, way=way):
            raise ColumnsMissing
        one.begin()
    elif one.has_stalled(at=clock.now()):
        one.updated_at = clock.now()
    else:
        return
    later(jobs.import_rows, import_id=str(one.id))


def undo(one: Import) -> None:
    """Let the worker take it back. Asked twice it does so once; what has stalled goes on where it stood.

    Raises NotToBeUndone.
    """
    if one.is_being_undone:
        if not one.has_stalled(at=clock.now()):
            return
        one.updated_at = clock.now()
    elif one.undone_at is not None:
        return
    else:
        one.undo(at=clock.now())
    later(jobs.undo_import, import_id=str(one.id))


def forget_lists(*, before: datetime) -> None:
    """Remove the kept lists of imports that were over by then; the reports stay. What never began is cancelled."""
    for one in queries.to_forget(before=before):
        one.cancel(at=clock.now())
        one.forgotten_at = clock.now()
        for file_id in filter(None, (one.file_id, one.source_id)):
            files.forget(file_id)
