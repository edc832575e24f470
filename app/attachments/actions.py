from __future__ import annotations

import io
from typing import IO
from uuid import UUID

from app.attachments import kinds, pictures, queries
from app.attachments.kinds import ContentDiffers, FileRefused, Kind
from app.attachments.models import Attachment
from app.core.entities import EntityRef
from tenants import files
from tenants.context import current_actor
from tenants.db import db, new_id

LIMIT = 25_000_000
"""Bytes of one file."""


class TooLarge(FileRefused):
    """“%(name)s” is too large: a file may have 25 MB."""

    code = "attachment_too_large"


class RecordIsFull(FileRefused):
    """“%(name)s” does not fit here: a record holds at most %(most)s files."""

    code = "record_is_full"


def attach(ref: EntityRef, stream: IO[bytes], *, name: str) -> UUID:
    """Keep a file on a record, with a small picture of an image.

    Raises FileRefused, of which nothing is kept.
    """
    name = kinds.cleaned(name)
    kind, picture = _looked_at(stream, name=name)
    if queries.count_of(ref.id) >= queries.MOST:
        raise RecordIsFull(name=name, most=queries.MOST)
    kept = files.keep(stream, name=name, limit=LIMIT)
    small = files.keep(io.BytesIO(picture), name="preview.jpg", limit=LIMIT) if picture else None
    attachment = Attachment(
        id=new_id(),
        kind=ref.type,
        record_id=ref.id,
        name=name,
        mime=kind.mime,
        file_id=kept.id,
        preview_id=small.id if small else None,
        author_id=current_actor().user_id,
    )
    db.session.add(attachment)
    db.session.flush()
    return attachment.id


def _looked_at(stream: IO[bytes], *, name: str) -> tuple[Kind, bytes | None]:
    """What it is and, of an image, a small picture, before anything is kept."""
    if stream.seek(0, io.SEEK_END) > LIMIT:
        raise TooLarge(name=name)
    kind = kinds.recognised(stream, name=name)
    if not kind.is_picture:
        return kind, None
    try:
        return kind, pictures.small(stream)
    except pictures.NotAPicture as error:
        raise ContentDiffers(name=name) from error
