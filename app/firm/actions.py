"""The firm changes what it says of itself.

The directory, which all processes read, is told first, in a transaction of its own; the firm's own row follows.
Interrupted between the two, the same can be done again.
"""

from __future__ import annotations

import io
from typing import IO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.attachments import kinds
from app.attachments.kinds import JPEG, PNG, WEBP, FileRefused
from app.core.fields import Values
from app.firm import jobs, queries
from app.firm.models import FirmSettings
from tenants import clock, directory, files, quotas, registry
from tenants.context import current_scope
from tenants.db import db
from tenants.directory import Description
from tenants.jobs import later

OF_THE_DIRECTORY = ("name", "country", "timezone", "locale")
LOGO_LIMIT = 2_000_000
"""Bytes."""


class LogoTooLarge(FileRefused):
    """The logo is too large: it may have 2 MB."""

    code = "logo_too_large"


class NoLogo(FileRefused):
    """“%(name)s” is no picture that can be a logo. Please choose a PNG, a JPEG or a WebP."""

    code = "no_logo"


def settings_to_change(settings_id: UUID) -> FirmSettings:
    """Locked until the end of the request. Where there is none yet, one that says what the directory says."""
    known = registry.find(current_scope().tenant_id)
    now = clock.now()
    fresh = {name: getattr(known, name) for name in OF_THE_DIRECTORY}
    row = {"id": settings_id, "created_at": now, "updated_at": now, "version": 1, "logo_is_unreadable": False, **fresh}
    db.session.execute(insert(FirmSettings).values(row).on_conflict_do_nothing())
    return db.session.scalars(select(FirmSettings).where(FirmSettings.id == settings_id).with_for_update()).one()


def change(stored: FirmSettings, values: Values) -> None:
    """To values as they are kept; an unknown country or zone must have been refused before.

    Deadlines follow the new zone, and the holidays of the new country. Numbers that are stored stay as they are.
    """
    told = {name: values[name] or "" for name in OF_THE_DIRECTORY}
    directory.describe(Description(**told))
    for name, value in values.items():
        setattr(stored, name, value)
    here = current_scope()
    if (told["country"], told["timezone"]) != (here.country, here.timezone):
        later(jobs.reckon_deadlines_anew)


def take_logo(stored: FirmSettings, stream: IO[bytes], *, name: str) -> None:
    """Keep a picture; it is the logo once a worker has made a small one of it.

    Raises FileRefused and what quotas refuse; the unit of work must not be saved then.
    """
    name = kinds.cleaned(name)
    if stream.seek(0, io.SEEK_END) > LOGO_LIMIT:
        raise LogoTooLarge
    if kinds.recognised(stream, name=name) not in (PNG, JPEG, WEBP):
        raise NoLogo(name=name)
    if stored.upload_id is not None:
        files.forget(stored.upload_id)
    stored.upload_id = quotas.keep_upload(stream, name=name, limit=LOGO_LIMIT).id
    stored.logo_is_unreadable = False
    later(jobs.make_logo, upload_id=str(stored.upload_id))


def remove_logo() -> None:
    """Done twice it is done once."""
    stored = settings_to_change(queries.SETTINGS_ID)
    directory.show_logo(None)
    for file_id in filter(None, (stored.upload_id, stored.logo_id)):
        files.forget(file_id)
    stored.upload_id = stored.logo_id = None
    stored.logo_is_unreadable = False
