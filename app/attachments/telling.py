"""Files in words: on the pages of records."""

from __future__ import annotations

from typing import Any

from babel.numbers import format_decimal
from flask import url_for
from flask_babel import gettext

from app.attachments import actions, queries
from app.attachments.kinds import PDF
from app.core import access, i18n, links
from app.core.entities import EntityRef, entity_types

_KILO, _MEGA = 1_000, 1_000_000


def panel(record: EntityRef) -> dict[str, Any]:
    """All files of a record."""
    kind = entity_types.named(record.type)
    may_write = access.may("attachments.write") and access.may(kind.may("write"))
    may_delete = access.may("attachments.delete") and access.may(kind.may("write"))
    return {
        "most_bytes": actions.most_bytes(),
        "most": size(actions.most_bytes()),
        "files": [_shown(row) for row in queries.of_record(record.id)],
        "upload_url": url_for("attachments.attach", entity=kind.name, record_id=record.id) if may_write else None,
        "delete_url": links.urls("attachments.delete", "attachment_id") if may_delete else None,
    }


def size(of: int) -> str:
    if of < _KILO:
        return gettext("%(size)s bytes", size=of)
    unit, name = (_MEGA, "MB") if of >= _MEGA else (_KILO, "KB")
    return f"{format_decimal(round(of / unit, 1), locale=i18n.locale())}\u00a0{name}"


def _shown(row: Any) -> dict[str, Any]:
    can_be_viewed = row.preview_id is not None or row.mime == PDF.mime
    return {
        "id": row.id,
        "name": row.name,
        "about": " · ".join([size(row.size), i18n.reader().say_date(row.created_at), row.author or "Kontor"]),
        "icon": "file-text" if row.preview_id is None else "image",
        "url": url_for("attachments.view" if can_be_viewed else "attachments.download", attachment_id=row.id),
        "is_viewed": can_be_viewed,
        "download_url": url_for("attachments.download", attachment_id=row.id) if can_be_viewed else None,
        "preview_url": url_for("attachments.preview", attachment_id=row.id) if row.preview_id else None,
    }
