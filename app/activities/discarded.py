"""Activities in the recycle bin: what they said, and on which record they were entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import Row

from app.activities import pages, queries
from app.activities.models import Activity, ActivityKind
from app.activities.schemas import HAPPENED
from app.core import access, links, records
from app.core.bins import Discarded
from app.core.entities import entity_types
from tenants.errors import NotFound

_LINE = 120
"""Characters of what was written."""


def load(limit: int, behind: UUID | None) -> Sequence[Discarded]:
    """Notes and whatever else happened."""
    return _told(queries.deleted(limit, behind=behind))


def load_tasks(limit: int, behind: UUID | None) -> Sequence[Discarded]:
    return _told(queries.deleted_tasks(limit, behind=behind))


def take_back(activity_id: UUID) -> str:
    """Raises NotFound."""
    activity = records.take_back(Activity, activity_id)
    if activity.kind is ActivityKind.TASK:
        raise NotFound
    return pages.subject_url(activity_id)


def take_back_task(task_id: UUID) -> str:
    """Raises NotFound."""
    if records.take_back(Activity, task_id).kind is not ActivityKind.TASK:
        raise NotFound
    return pages.subject_url(task_id)


def _told(rows: Sequence[Row[Any]]) -> list[Discarded]:
    labels = {kind: str(label) for kind, label, _ in HAPPENED}
    kinds = {row.subject_kind for row in rows if row.subject_title is not None}
    entities = [entity for entity in map(entity_types.named, kinds) if access.may(entity.may("read"))]
    url_of = {entity.name: links.record_urls(entity) for entity in entities}
    return [
        Discarded(row.id, _title(labels.get(row.kind, ""), row.body), row.deleted_at, _belonged(row, url_of))
        for row in rows
    ]


def _title(label: str, body: str) -> str:
    return gettext("%(kind)s: %(text)s", kind=label, text=_line(body)) if label else _line(body)


def _line(body: str) -> str:
    first = body.partition("\n")[0]
    return first if len(first) <= _LINE else f"{first[:_LINE].rstrip()} …"


def _belonged(row: Row[Any], url_of: Mapping[str, Callable[[UUID], str]]) -> list[tuple[str, str | None]]:
    if row.subject_title is None or row.subject_kind not in url_of:
        return []
    if row.subject_deleted_at is not None:
        return [(gettext("%(title)s, in the recycle bin too", title=row.subject_title), None)]
    return [(row.subject_title, url_of[row.subject_kind](row.subject_id))]
