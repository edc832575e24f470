"""What a firm may upload and keep. Asked before a byte is kept, and once more when it is: two uploads at the same time
cannot both take the last place.
"""

from __future__ import annotations

import os
from typing import IO

from sqlalchemy import func, select

from config.quotas import quotas
from tenants import clock, counters, files
from tenants.db import db
from tenants.errors import Conflict, Invalid, TooMany
from tenants.files import File

_HOUR = 3600
_MEGABYTE = 1_000_000
_SMALL = _MEGABYTE
"""Bytes that are kept before it is asked whether there is room, and go again where there is none."""


class UploadTooLarge(Invalid):
    """“%(name)s” is too large: a file may have %(most)d MB."""

    code = "upload_too_large"


class StorageFull(Conflict):
    """There is no room for “%(name)s”: your files take %(used)d MB already, and there is room for %(most)d MB. Please
    remove some files first.
    """

    code = "storage_full"


class TooManyUploads(TooMany):
    """Your firm has uploaded %(most)d files within an hour. Please go on in the next hour."""

    code = "too_many_uploads"


UPLOAD_REFUSED = (UploadTooLarge, StorageFull, TooManyUploads)


def keep_upload(stream: IO[bytes], *, name: str, limit: int) -> File:
    """Keep what a person has sent.

    Raises UploadTooLarge, StorageFull, TooManyUploads, FileTooLarge; the unit of work must not be saved then.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size > most_bytes():
        raise UploadTooLarge(name=name, most=most_bytes() // _MEGABYTE)
    if size > _SMALL:
        _require_room(name, size)
    file = files.keep(stream, name=name, limit=limit)
    _count_upload()
    _require_room(name, 0)
    return file


def most_bytes() -> int:
    """Of one file that is uploaded."""
    return quotas().upload_bytes


def used() -> int:
    """Bytes that the files of the firm take, as they are written down."""
    return int(db.session.scalar(select(func.coalesce(func.sum(File.size), 0)).where(File.removed_at.is_(None))) or 0)


def _require_room(name: str, size: int) -> None:
    most, taken = quotas().storage_bytes, used()
    if taken + size > most:
        raise StorageFull(name=name, used=taken // _MEGABYTE, most=most // _MEGABYTE)


def _count_upload() -> None:
    """The row that counts is locked until the end: whoever uploads meanwhile waits and sees what this one took."""
    hour = int(clock.now().timestamp()) // _HOUR
    if counters.following("uploads", year=hour) > quotas().uploads_per_hour:
        raise TooManyUploads(most=quotas().uploads_per_hour)
