from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from app.core import i18n
from app.core.entities import EntityType
from app.imports import jobs, mapping, sheets
from app.imports.models import Import, ImportState
from tenants import clock, files
from tenants.context import current_actor
from tenants.db import db, new_id
from tenants.errors import Invalid
from tenants.jobs import later

SAMPLED = 50
"""Rows from whose contents a column is recognised."""


class ColumnsMissing(Invalid):
    """The columns are not chosen completely yet."""

    code = "import_columns_missing"


def take_in(entity: EntityType, stream: IO[bytes], *, name: str) -> Import:
    """Keep a list as a draft, with a first proposal of what its columns are.

    Raises what ``sheets.keep`` raises.
    """
    sheet = sheets.keep(stream, name=name)
    path = files.path_of(sheet.file_id)
    sample, _ = sheets.rows(path, position=sheet.start, most=SAMPLED)
    one = Import(
        id=new_id(),
        file_id=sheet.file_id,
        entity=entity.name,
        locale=i18n.locale(),
        mapping=mapping.proposed(entity, sheet.headings, [row.cells for row in sample]),
        total=sheet.total,
        position=sheet.start,
        author_id=current_actor().user_id,
    )
    db.session.add(one)
    db.session.flush()
    return one


def launch(entity: EntityType, one: Import, columns: Sequence[str]) -> None:
    """Let the worker begin. Asked twice it begins once; one that has stalled goes on where it stood.

    Raises ColumnsMissing.
    """
    if one.state is ImportState.DRAFT:
        one.choose(list(columns))
        if mapping.problems(entity, columns):
            raise ColumnsMissing
        one.begin()
    elif one.has_stalled(at=clock.now()):
        one.updated_at = clock.now()
    else:
        return
    later(jobs.import_rows, import_id=str(one.id))
