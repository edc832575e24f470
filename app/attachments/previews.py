"""Small pictures of attached images, made by a worker's bounded child: an image can ask for all memory and all day."""

from __future__ import annotations

import io
from uuid import UUID

from sqlalchemy import select

from app.attachments.models import Attachment
from app.core.bounded import Child, Overrun
from tenants import files
from tenants.db import db

_LARGEST = 2 << 20


def make(attachment_id: UUID) -> None:
    """Of what cannot be read as an image, or is too large to look at here, there is none: it stays a download."""
    one = db.session.scalar(select(Attachment).where(Attachment.id == attachment_id).with_for_update())
    if one is None or one.preview_id is not None:
        return
    with files.path_of(one.file_id).open("rb") as source, Child("app.attachments.pictures", source=source) as child:
        try:
            picture = child.rest(most=_LARGEST)
        except Overrun:
            return
    if picture:
        one.preview_id = files.keep(io.BytesIO(picture), name="preview.jpg", limit=_LARGEST).id
