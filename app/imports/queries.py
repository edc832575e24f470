from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from app.core import records
from app.core.access import visible
from app.imports.models import Import, ImportRefusal
from app.users.models import User
from tenants.db import db
from tenants.errors import NotFound
from tenants.files import File

PAGE = 50


def import_(import_id: UUID) -> Import:
    """Raises NotFound."""
    return records.load(Import, import_id)


def import_to_change(import_id: UUID) -> Import:
    """Locked until the end of the request; waits for the chunk that is being imported.

    Raises NotFound.
    """
    found = db.session.scalar(visible(Import).where(Import.id == import_id).with_for_update())
    if found is None:
        raise NotFound
    return found


def imports(*, before: UUID | None) -> Sequence[Row[Any, Any, Any]]:
    """(import, its file's name, name of who began it), newest first; one more than a page if there is one."""
    statement = (
        select(Import, File.name.label("file_name"), User.name.label("author"))
        .join(File, File.id == Import.file_id)
        .outerjoin(User, User.id == Import.author_id)
        .where(Import.deleted_at.is_(None), *([Import.id < before] if before else ()))
        .order_by(Import.id.desc())
        .limit(PAGE + 1)
    )
    return list(db.session.execute(statement))


def name_of(one: Import) -> str:
    """Of its file; empty when the rows were pasted."""
    return db.session.scalars(select(File.name).where(File.id == one.file_id)).one()


def refusals(import_id: UUID, *, after: int) -> Sequence[ImportRefusal]:
    """By row; one more than a page where there is one."""
    return db.session.scalars(
        select(ImportRefusal)
        .where(ImportRefusal.import_id == import_id, ImportRefusal.line > after)
        .order_by(ImportRefusal.line)
        .limit(PAGE + 1)
    ).all()


def all_refusals(import_id: UUID) -> Iterator[tuple[list[list[str]], list[str]]]:
    """(reasons, cells) of every refused row, fetched a thousand at a time."""
    found = db.session.execute(
        select(ImportRefusal.reasons, ImportRefusal.cells)
        .where(ImportRefusal.import_id == import_id)
        .order_by(ImportRefusal.line)
        .execution_options(yield_per=1000)
    )
    yield from found
