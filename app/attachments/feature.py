from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import literal

from app.attachments import telling
from app.attachments.models import Attachment
from app.attachments.views import bp
from app.core.entities import EVERY_RECORD, Extension, Part
from app.core.features import Feature, Panel

FEATURE = Feature(
    name="attachments",
    blueprints=(bp,),
    permissions=("attachments.read", "attachments.write", "attachments.delete"),
    extensions=(
        Extension(
            on=EVERY_RECORD,
            parts=(
                Part(
                    model=Attachment,
                    owner="record_id",
                    owner_kind="kind",
                    collection="files",
                    label=lambda _kind: _l("File"),
                    kind=literal(""),
                    name=Attachment.name,  # type: ignore[arg-type]
                    column="name",
                ),
            ),
        ),
    ),
    panels=(
        Panel(
            on=EVERY_RECORD,
            title=_l("Files"),
            template="attachments/panel.html",
            load=telling.panel,
            permission="attachments.read",
            lazy=True,
        ),
    ),
)
