from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import IO

from app.core import i18n
from app.core.entities import EntityType
from app.imports import intake, jobs, mapping, queries, reading, sheets
from app.imports.models import Import, ImportState, Way
from tenants import clock, files
from tenants.context import current_actor
from tenants.db import db, new_id
from tenants.errors import Invalid
from tenants.jobs import later, later_if_room

AT_ONCE = 2 << 20
"""Bytes of a text that are read while a person waits; a larger one, and every workbook, a worker reads."""


class SheetMissing(Invalid):
    """This workbook has no such sheet."""

    code = "import_sheet_missing"


class ColumnsMissing(Invalid):
    """The columns are not chosen completely yet."""

    code = "import_columns_missing"


def take_in(entity: EntityType, stream: IO[bytes], *, name: str) -> Import:
    """Keep a list as a draft, with a first proposal of what its columns are.

    Raises what ``sheets.kind_of`` raises, and what ``sheets.keep`` raises where it is read at once.
    """
    size, kind = reading.check_size(stream), sheets.kind_of(stream)
    one = Import(id=new_id(), entity=entity.name, locale=i18n.locale(), author_id=current_actor().user_id)
    one.mapping, one.headings = [], []
    if size <= AT_ONCE and kind is not sheets.Kind.WORKBOOK:
        intake.lay_out(one, sheets.keep(stream, name=name))
    else:
        if kind is sheets.Kind.TEXT:
            intake.look_ahead(one, stream)
        _put_off(one, stream, name=name)
    db.session.add(one)
    db.session.flush()
    return one


def _put_off(one: Import, stream: IO[bytes], *, name: str) -> None:
    stream.seek(0)
    one.file_id = one.source_id = files.keep(stream, name=name, limit=reading.MOST_BYTES).id
    one.state, one.total, one.position = ImportState.READING, 0, 0
    later_if_room(jobs.read_list, import_id=str(one.id), sheet="")


def take_sheet(one: Import, name: str) -> None:
    """Let a worker read another sheet of the same workbook instead.

    Raises NoLongerOpen, SheetMissing.
    """
    one.require_open()
    if name == one.sheet:
        return
    if name not in one.sheets or one.source_id is None:
        raise SheetMissing
    one.await_reading()
    later(jobs.read_list, import_id=str(one.id), sheet=name)


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
    later_if_room(jobs.import_rows, import_id=str(one.id))


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
