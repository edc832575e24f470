from __future__ import annotations

from datetime import datetime
from typing import IO

from app.core import i18n
from app.core.entities import EntityType
from app.imports import intake, jobs, mapping, queries, reading
from app.imports.models import Choice, Import, ImportState, StillBeingRead
from tenants import clock, quotas
from tenants.context import current_actor
from tenants.db import db, new_id
from tenants.errors import Invalid
from tenants.jobs import later, later_if_room


class SheetMissing(Invalid):
    """This workbook has no such sheet."""

    code = "import_sheet_missing"


class ColumnsMissing(Invalid):
    """The columns are not chosen completely yet."""

    code = "import_columns_missing"


def take_in(entity: EntityType, stream: IO[bytes], *, name: str) -> Import:
    """Keep what was uploaded, as it is: a worker reads it (app/imports/intake.py). Only its size is looked at here.

    Raises NothingInIt, TooLarge, and what quotas refuse.
    """
    reading.check_size(stream)
    stream.seek(0)
    file_id = quotas.keep_upload(stream, name=name, limit=reading.MOST_BYTES).id
    one = Import(
        id=new_id(),
        entity=entity.name,
        file_id=file_id,
        source_id=file_id,
        locale=i18n.locale(),
        author_id=current_actor().user_id,
        state=ImportState.READING,
        mapping=[],
        headings=[],
        total=0,
        position=0,
    )
    db.session.add(one)
    db.session.flush()
    later_if_room(jobs.read_list, import_id=str(one.id), sheet="")
    return one


def cancel(one: Import) -> None:
    """What is in stays in; the uploaded list goes at once."""
    if one.cancel(at=clock.now()):
        intake.forget_files(one)


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


def launch(entity: EntityType, one: Import, choice: Choice) -> None:
    """Let the worker begin. Asked twice it begins once; one that has stalled goes on where it stood.

    Raises ColumnsMissing, StillBeingRead.
    """
    if one.state is ImportState.READING:
        raise StillBeingRead
    if one.state is ImportState.DRAFT:
        one.choose(choice)
        if mapping.problems(entity, choice.mapping, way=choice.way):
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
        intake.forget_files(one)
