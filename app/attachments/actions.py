from __future__ import annotations

import io
from typing import IO
from uuid import UUID

from app.attachments import jobs, kinds, queries
from app.attachments.kinds import FileRefused, Kind
from app.attachments.models import Attachment
from app.core.entities import EntityRef
from tenants import quotas
from tenants.context import current_actor
from tenants.db import db, new_id
from tenants.jobs import later

LIMIT = 25_000_000
"""Bytes of one file."""


class TooLarge(FileRefused):
    """“%(name)s” is too large: a file may have 25 MB."""

    code = "attachment_too_large"


class RecordIsFull(FileRefused):
    """“%(name)s” does not fit here: a record holds at most %(most)s files."""

    code = "record_is_full"


def most_bytes() -> int:
    """Of one file, and of the files of one form together."""
    return min(LIMIT, quotas.most_bytes())


def attach(ref: EntityRef, stream: IO[bytes], *, name: str) -> UUID:
    """Keep a file on a record; a worker makes a small picture of an image.

    Raises FileRefused, of which nothing is kept; what quotas refuse ends the whole request.
    """
    name = kinds.cleaned(name)
    kind = _looked_at(stream, name=name)
    if queries.count_of(ref.id) >= queries.MOST:
        raise RecordIsFull(name=name, most=queries.MOST)
    kept = quotas.keep_upload(stream, name=name, limit=LIMIT)
    attachment = Attachment(
        id=new_id(),
        kind=ref.type,
        record_id=ref.id,
        name=name,
        mime=kind.mime,
        file_id=kept.id,
        author_id=current_actor().user_id,
    )
    db.session.add(attachment)
    db.session.flush()
    if kind.is_picture:
        later(jobs.make_preview, attachment_id=str(attachment.id))
    return attachment.id


def _looked_at(stream: IO[bytes], *, name: str) -> Kind:
    """What it is, by its first bytes and its name: nothing is unpacked here."""
    if stream.seek(0, io.SEEK_END) > LIMIT:
        raise TooLarge(name=name)
    return kinds.recognised(stream, name=name)
