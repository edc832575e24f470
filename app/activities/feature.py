from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row

from app.activities import queries
from app.activities.schemas import KINDS
from app.activities.views import bp
from app.core import access, links, records
from app.core.entities import EntityType, entity_types
from app.core.entries import Entry
from app.core.features import Capture, Feature

Way = tuple[str, str]
"""(label, URL)"""


def _entries(_entity: EntityType, record_id: UUID, before: datetime | None, limit: int) -> Sequence[Entry]:
    if not access.may("activities.read"):
        return []
    tell, actions = _teller(), _actions()
    return [tell(row, actions(row.id)) for row in queries.about(record_id, before=before, limit=limit)]


def _news(limit: int) -> Sequence[Entry]:
    if not access.may("activities.read"):
        return []
    rows = queries.latest(limit)
    ids: dict[str, set[UUID]] = {}
    for row in rows:
        ids.setdefault(row.subject_kind, set()).add(row.subject_id)
    kinds = {kind: entity_types.named(kind) for kind in ids}
    names = {kind: records.titles(kinds[kind], wanted) for kind, wanted in ids.items()}
    url_of = {kind: links.record_urls(entity) for kind, entity in kinds.items()}
    tell = _teller()
    return [
        tell(row, [(names[row.subject_kind][row.subject_id], url_of[row.subject_kind](row.subject_id))])
        for row in rows
        if row.subject_id in names[row.subject_kind]
    ]


def _teller() -> Callable[[Row[Any], Sequence[Way]], Entry]:
    """From an activity's row to its entry, in the reader's words."""
    said = {kind: (icon, str(label)) for kind, label, icon in KINDS}

    def tell(row: Row[Any], actions: Sequence[Way]) -> Entry:
        icon, label = said[row.kind]
        return Entry(at=row.at, icon=icon, label=label, who=row.author or "Kontor", text=row.body, actions=actions)

    return tell


def _actions() -> Callable[[UUID], Sequence[Way]]:
    """From an activity to what can be done with it."""
    if not access.may("activities.write"):
        return lambda _: ()
    label, url_of = gettext("Edit"), links.urls("activities.edit", "activity_id")
    return lambda activity_id: [(label, url_of(activity_id))]


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
