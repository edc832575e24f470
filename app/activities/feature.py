from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.activities import queries
from app.activities.models import Activity
from app.activities.schemas import KINDS
from app.activities.views import bp
from app.core import access, records
from app.core.entities import EntityType, entity_types
from app.core.entries import Entry
from app.core.features import Capture, Feature


def _entries(_entity: EntityType, record_id: UUID, before: datetime | None, limit: int) -> Sequence[Entry]:
    if not access.may("activities.read"):
        return []
    return [
        replace(_entry(activity, author), actions=_actions(activity.id))
        for activity, author in queries.about(record_id, before=before, limit=limit)
    ]


def _news(limit: int) -> Sequence[Entry]:
    if not access.may("activities.read"):
        return []
    rows = queries.latest(limit)
    ids: dict[str, set[UUID]] = {}
    for _, _, kind, record_id in rows:
        ids.setdefault(kind, set()).add(record_id)
    names = {kind: records.titles(entity_types.named(kind), wanted) for kind, wanted in ids.items()}
    return [
        replace(_entry(activity, author), actions=[(names[kind][record_id], _address(kind, record_id))])
        for activity, author, kind, record_id in rows
        if record_id in names[kind]
    ]


def _entry(activity: Activity, author: str | None) -> Entry:
    label, icon = {kind: (str(text), icon) for kind, text, icon in KINDS}[activity.kind]
    return Entry(at=activity.at, icon=icon, label=label, who=author or "Kontor", text=activity.body)


def _address(kind: str, record_id: UUID) -> str:
    return url_for(entity_types.named(kind).endpoint, record_id=record_id)


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
    news=_news,
)
