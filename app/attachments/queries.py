from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select

from app.attachments.models import Attachment
from app.core import access, records
from app.core.entities import EntityRef, entity_types
from app.users.models import User
from tenants.db import db, rows
from tenants.errors import NotFound
from tenants.files import File

MOST = 200
"""Files on one record; all of them are shown."""


def attachment(attachment_id: UUID) -> Attachment:
    """Raises NotFound, also where the record that it hangs on cannot be seen."""
    found = records.load(Attachment, attachment_id)
    require_visible(found.ref)
    return found


def removed(attachment_id: UUID) -> Attachment:
    """One that may lie in the recycle bin.

    Raises NotFound, as above.
    """
    found = db.session.get(Attachment, attachment_id)
    if found is None:
        raise NotFound
    require_visible(found.ref)
    return found


def require_visible(ref: EntityRef) -> None:
    """Raises NotFound where there is no such record, or none that the actor may see."""
    kind = entity_types.named(ref.type)
    if not access.may(kind.may("read")):
        raise NotFound
    records.load(kind.model, ref.id)


# Built once: every page of a record asks.
_OF_RECORD = (
    select(
        Attachment.id,
        Attachment.name,
        Attachment.mime,
        Attachment.preview_id,
        Attachment.created_at,
        File.size,
        User.name.label("author"),
    )
    .join(File, File.id == Attachment.file_id)
    .outerjoin(User, User.id == Attachment.author_id)
    .where(Attachment.record_id == bindparam("record_id"), Attachment.deleted_at.is_(None))
    .order_by(Attachment.created_at.desc(), Attachment.id.desc())
    .limit(MOST)
)


def of_record(record_id: UUID) -> Sequence[Row[Any]]:
    """(id, name, mime, preview_id, created_at, size, author), the newest first."""
    return rows(_OF_RECORD, {"record_id": record_id})


def count_of(record_id: UUID) -> int:
    counted = select(func.count()).where(Attachment.record_id == record_id, Attachment.deleted_at.is_(None))
    return db.session.scalar(counted) or 0
