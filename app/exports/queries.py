from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select

from app.core import records
from app.exports.models import Export, ExportState
from app.users.models import User
from tenants.db import db

PAGE = 50


def export(export_id: UUID) -> Export:
    """Raises NotFound."""
    return records.load(Export, export_id)


def export_to_write(export_id: UUID) -> Export | None:
    """Locked until the end of the job."""
    return db.session.get(Export, export_id, with_for_update=True)


def latest(*, before: UUID | None) -> tuple[Sequence[Row[Export, str]], UUID | None]:
    """((export, name of who asked for it), the last one first; before which the next page begins)"""
    statement = (
        select(Export, User.name.label("author"))
        .outerjoin(User, User.id == Export.author_id)
        .where(Export.deleted_at.is_(None))
        .order_by(Export.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        statement = statement.where(Export.id < before)
    found = db.session.execute(statement).all()
    return found[:PAGE], found[PAGE - 1].Export.id if len(found) > PAGE else None


def to_forget(*, before: datetime) -> Sequence[Export]:
    """Exports from before then whose files are still kept; at most a hundred."""
    kept = select(Export).where(
        Export.state == ExportState.READY, Export.file_id.is_not(None), Export.created_at < before
    )
    return db.session.scalars(kept.order_by(Export.id).limit(100).with_for_update(skip_locked=True)).all()
