from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import literal

from app.core.entities import EVERY, Extension, Filter, Part
from app.core.features import Feature, MenuItem, Panel
from app.tags import queries
from app.tags.models import Tagging
from app.tags.views import bp


def _panel(record: Any) -> dict[str, Any]:
    beside = queries.beside(record.id)
    return {
        "carried": [tag for tag in beside if tag.carried],
        "others": [tag.name for tag in beside if not tag.carried],
    }


FEATURE = Feature(
    name="tags",
    blueprints=(bp,),
    permissions=("tags.read", "tags.write", "tags.delete"),
    account=(MenuItem(label=_l("Tags"), icon="tag", endpoint="tags.index", permission="tags.read"),),
    extensions=(
        Extension(
            on=EVERY,
            filters=(
                Filter(
                    name="tag",
                    label=_l("All tags"),
                    options=(),
                    where=queries.carried_by,
                    choices=queries.known,
                    parse=UUID,
                ),
            ),
            parts=(
                Part(
                    model=Tagging,
                    owner="record_id",
                    label=lambda _kind: _l("Tag"),
                    kind=literal(""),
                    name=queries.tag_name(),
                ),
            ),
        ),
    ),
    panels=(Panel(on=EVERY, title=_l("Tags"), template="tags/panel.html", load=_panel, permission="tags.read"),),
)
