"""What the pages of activities show."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import render_template, url_for
from flask_babel import gettext
from sqlalchemy import Row

from app.activities import actions, queries, telling
from app.activities.models import Activity, ActivityKind
from app.activities.schemas import BODY, BODY_SCHEMA
from app.core import access, keys, listing, records
from app.core import links as addresses
from app.core.editing import EditForm, Entered
from app.core.entities import EntityType, entity_types
from app.core.forms import Form, Section
from app.core.listing import Query
from tenants import clock
from tenants.context import current_actor

HITS = 8
"""Of each kind of record that could be added."""


FORM = EditForm(
    load=queries.activity_to_change,
    discarded=partial(records.load_discarded, Activity),
    schema=BODY_SCHEMA,
    texts=lambda activity: {"text": activity.body},
    columns={"text": ("body",)},
)


def edit_page(activity: Activity, entered: Entered) -> str:
    form = Form(
        title=gettext("Edit entry"),
        action_url=url_for("activities.save", activity_id=activity.id),
        submit_label=gettext("Save changes"),
        cancel_url=subject_url(activity.id),
        errors=entered.summary,
        sections=[Section(title=None, fields=entered.shown((BODY,)))],
        hidden=entered.hidden,
    )
    ways = {
        "links_url": url_for("activities.links", activity_id=activity.id),
        "delete_url": url_for("activities.delete", activity_id=activity.id),
        "may_delete": access.may("activities.delete"),
    }
    return render_template("activities/edit.html", form=form, **ways)


def links_page(activity: Activity, words: str) -> str:
    """The records that it is on, and those that the words find besides."""
    linked = [(link.kind, link.record_id) for link in queries.links_of(activity.id)]
    known = telling.subjects(linked)
    page: dict[str, Any] = {
        "text": activity.body,
        "query": words,
        "linked": [
            (entity_types.named(kind).icon, *known[kind, record_id], _remove_url(activity, kind, record_id))
            for kind, record_id in linked
            if (kind, record_id) in known
        ],
        "found": _found(activity, words, {record_id for _, record_id in linked}),
        "back_url": subject_url(activity.id),
        "search_url": url_for("activities.links", activity_id=activity.id),
        "may_remove": activity.kind is ActivityKind.TASK or len(linked) > 1,
    }
    return render_template("activities/links.html", page=page)


def mentions_page(*, before: UUID | None) -> str:
    user_id = current_actor().user_id
    found = queries.mentions_of(user_id, before=before) if user_id else []
    shown = found[: queries.PAGE]
    known = telling.subjects({(row.subject_kind, row.subject_id) for row in shown if row.subject_id})
    elsewhere = (gettext("Tasks"), url_for("tasks.index"))
    tell, open_url = telling.teller(), addresses.urls("activities.open_mention", "mention_id")
    rows = [
        (tell(row, (), ()), row.read_at is None, open_url(row.mention_id), known.get(_subject(row), elsewhere))
        for row in shown
    ]
    more = len(found) > queries.PAGE
    next_url = url_for("activities.mentions", before=shown[-1].mention_id) if more else None
    may_read = access.may("activities.write")
    return render_template("activities/mentions.html", rows=rows, next_url=next_url, may_read=may_read)


def _subject(row: Row[Any]) -> telling.Subject:
    return row.subject_kind, row.subject_id


def mention_url(mention_id: UUID) -> str:
    """Of the record on which somebody is mentioned; that it was looked at ends the mention too."""
    mention = queries.mention(mention_id, of=current_actor().user_id)
    actions.read(mention, at=clock.now())
    return subject_url(mention.activity_id)


def subject_url(activity_id: UUID) -> str:
    """The first record that it is on and that can be seen; a task of its own is among the tasks."""
    linked = [(link.kind, link.record_id) for link in queries.links_of(activity_id)]
    known = telling.subjects(linked)
    return next((known[subject][1] for subject in linked if subject in known), url_for("tasks.index"))


def _remove_url(activity: Activity, kind: str, record_id: UUID) -> str:
    return url_for("activities.detach", activity_id=activity.id, entity=kind, record_id=record_id)


def _found(activity: Activity, words: str, linked: set[UUID]) -> list[tuple[str, str, str]]:
    """(icon, title, URL that adds it)"""
    if not keys.patterns(words):
        return []
    readable = [entity for entity in entity_types if access.may(entity.may("read"))]
    return [hit for entity in readable for hit in _hits(activity, entity, words, linked)]


def _hits(activity: Activity, entity: EntityType, words: str, linked: set[UUID]) -> list[tuple[str, str, str]]:
    page = listing.load(entity, Query(words=words), limit=HITS)
    return [
        (
            entity.icon,
            row.title,
            url_for("activities.attach", activity_id=activity.id, entity=entity.name, record_id=row.id),
        )
        for row in page.rows
        if row.id not in linked
    ]
