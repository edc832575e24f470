from __future__ import annotations

from datetime import datetime
from typing import IO

from app.core import i18n, listing
from app.core.entities import EntityType
from app.core.listing import Query
from app.exports import jobs, queries, writing
from app.exports.models import Export, ExportFormat, ExportState
from tenants import files
from tenants.context import current_actor
from tenants.db import db, new_id
from tenants.errors import Invalid
from tenants.jobs import later_if_room

AT_ONCE = 2000
"""Rows that are written while a person waits; more are a job."""

MOST = 200_000


class TooMuchToExport(Invalid):
    """That is more than 200,000 rows. Please narrow the list by a filter or a word."""

    code = "too_much_to_export"


def begin(entity: EntityType, query: Query, *, format: ExportFormat) -> Export:
    """Note who takes what. Raises TooMuchToExport."""
    total = listing.count(entity, query, most=MOST + 1)
    if total > MOST:
        raise TooMuchToExport
    export = Export(
        id=new_id(),
        entity=entity.name,
        format=format,
        locale=i18n.locale(),
        wanted={
            "words": query.words,
            "sort": query.sort,
            "filters": dict(query.filters or {}),
            "columns": list(query.columns),
            # What is only similar to the words is not counted above either.
            "guesses": False,
        },
        total=total,
        author_id=current_actor().user_id,
    )
    db.session.add(export)
    db.session.flush()
    return export


def hand_out(export: Export) -> IO[bytes] | None:
    """The file, or None where a worker writes it."""
    if export.total > AT_ONCE:
        later_if_room(jobs.write, export_id=str(export.id))
        return None
    export.state = ExportState.READY
    return writing.write(export)


def forget_files(*, before: datetime) -> None:
    """Remove the files of exports from before then; who took what stays written down."""
    for export in queries.to_forget(before=before):
        if export.file_id is not None:
            files.forget(export.file_id)
        export.state = ExportState.REMOVED
