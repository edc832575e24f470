"""The small picture of a logo, made by a worker's bounded child: a picture can ask for all memory and all day."""

from __future__ import annotations

import io
from uuid import UUID

from sqlalchemy import select

from app.core.bounded import Child, Overrun
from app.firm.models import FirmSettings
from tenants import directory, files
from tenants.db import db

_LARGEST = 2 << 20


def make(upload_id: UUID) -> None:
    """Nothing where another picture was uploaded, or the logo removed, meanwhile. What cannot be read leaves the logo
    that was there.
    """
    stored = db.session.scalar(select(FirmSettings).where(FirmSettings.upload_id == upload_id).with_for_update())
    if stored is None:
        return
    picture = _small(upload_id)
    stored.logo_is_unreadable = not picture
    stored.upload_id = None
    files.forget(upload_id)
    if picture:
        former = stored.logo_id
        stored.logo_id = files.keep(io.BytesIO(picture), name="logo.jpg", limit=_LARGEST).id
        directory.show_logo(stored.logo_id)
        if former is not None:
            files.forget(former)


def _small(upload_id: UUID) -> bytes:
    """Empty of what cannot be read."""
    with files.path_of(upload_id).open("rb") as source, Child("app.attachments.pictures", source=source) as child:
        try:
            return child.rest(most=_LARGEST)
        except Overrun:
            return b""
