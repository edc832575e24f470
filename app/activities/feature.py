from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.activities import queries
from app.activities.schemas import KINDS
from app.activities.views import bp
from app.core import access
from app.core.entities import EntityType
from app.core.entries import Entry
from app.core.features import Capture, Feature


def _entries(_entity: EntityType, record_id: UUID, before: datetime | None, limit: int) -> Sequence[Entry]:
    words = {kind: (str(label), icon) for kind, label, icon in KINDS}
    return [
        Entry(
            at=activity.at,
            icon=words[activity.kind][1],
            label=words[activity.kind][0],
            who=author or "Kontor",
            text=activity.body,
            actions=_actions(activity.id),
        )
        for activity, author in queries.about(record_id, before=before, limit=limit)
    ]


def _actions(activity_id: UUID) -> list[tuple[str, str]]:
    if not access.may("activities.write"):
        return []
    return [(gettext("Edit"), url_for("activities.edit", activity_id=activity_id))]


FEATURE = Feature(
    name="activities",
    blueprints=(bp,),
    permissions=("activities.read", "activities.write", "activities.delete"),
    capture=Capture(
        endpoint="activities.capture",
        kinds=tuple((str(value), label, icon) for value, label, icon in KINDS),
        placeholder=_l("What happened? A note, a conversation, a promise …"),
        submit_label=_l("Save entry"),
        permission="activities.write",
    ),
    entries=_entries,
    entries_label=_l("Notes and calls"),
)
