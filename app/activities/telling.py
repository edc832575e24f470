"""Activities as people read them on timelines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import Row

from app.activities import due, mentions
from app.activities.models import ActivityKind
from app.activities.schemas import KINDS
from app.core import access, links, records
from app.core.entities import entity_types
from app.core.entries import Entry
from tenants import clock

Way = tuple[str, str]
"""(label, URL)"""

Subject = tuple[str, UUID]
"""(kind of record, its id)"""


def teller() -> Callable[[Row[Any], Sequence[Way], Sequence[Way]], Entry]:
    """From an activity's row, where it leads and what one press does, to its entry, in the reader's words."""
    said, today = {kind: (icon, str(label)) for kind, label, icon in KINDS}, clock.today()

    def tell(row: Row[Any], actions: Sequence[Way], presses: Sequence[Way] = ()) -> Entry:
        icon, label = said[row.kind]
        is_task = row.kind is ActivityKind.TASK
        return Entry(
            id=row.id,
            at=row.at,
            icon=icon,
            label=label,
            who=row.author or "Kontor",
            text=mentions.emphasised(row.body, row.named or ()),
            note=_note(row, today) if is_task else "",
            tone=_tone(row, today) if is_task else "plain",
            actions=actions,
            presses=presses,
        )

    return tell


def ways() -> Callable[[Row[Any]], tuple[Sequence[Way], Sequence[Way]]]:
    """From an activity to what can be done with it: by going there, and at one press."""
    words = {"edit": gettext("Edit"), "done": gettext("Tick off"), "open": gettext("Not done")}
    may = {kind: access.may(f"{'tasks' if kind is ActivityKind.TASK else 'activities'}.write") for kind in ActivityKind}
    edit, edit_task = links.urls("activities.edit", "activity_id"), links.urls("tasks.edit", "task_id")
    tick, reopen = links.urls("tasks.tick", "task_id"), links.urls("tasks.reopen", "task_id")

    def of(row: Row[Any]) -> tuple[Sequence[Way], Sequence[Way]]:
        if not may[row.kind]:
            return (), ()
        if row.kind is not ActivityKind.TASK:
            return [(words["edit"], edit(row.id))], ()
        press = (words["done"], tick(row.id)) if row.done_at is None else (words["open"], reopen(row.id))
        return [(words["edit"], edit_task(row.id))], [press]

    return of


def subjects(wanted: Collection[Subject]) -> Mapping[Subject, Way]:
    """(title, URL) of these records, in one statement a kind; those in the recycle bin are left out."""
    ids: dict[str, set[UUID]] = {}
    for kind, record_id in wanted:
        ids.setdefault(kind, set()).add(record_id)
    found: dict[Subject, Way] = {}
    for kind, of_kind in ids.items():
        entity = entity_types.named(kind)
        url_of = links.record_urls(entity)
        for record_id, title in records.titles(entity, of_kind).items():
            found[kind, record_id] = (title, url_of(record_id))
    return found


def with_subjects(rows: Sequence[Row[Any]]) -> Sequence[Entry]:
    """Each with the way to the record that it was entered on."""
    url_of = {kind: links.record_urls(entity_types.named(kind)) for kind in {row.subject_kind for row in rows}}
    tell = teller()
    return [tell(row, [(row.subject_title, url_of[row.subject_kind](row.subject_id))], ()) for row in rows]


def _note(row: Row[Any], today: date) -> str:
    who = row.assignee or ""
    if row.done_at is not None:
        return gettext("%(who)s · done", who=who)
    if row.due_on is None:
        return who
    return gettext("%(who)s · due %(day)s", who=who, day=due.said(row.due_on, row.due_time, today=today))


def _tone(row: Row[Any], today: date) -> str:
    if row.done_at is not None:
        return "good"
    return "bad" if row.due_on is not None and row.due_on < today else "plain"
