"""The page of one record, and what every page is told: descriptions in, template out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import flask
from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from app.core import access, entries, hearing, i18n, panels, trail
from app.core.capture import Capture
from app.core.entities import EntityRef, EntityType, entity_types
from app.core.entries import Entry
from app.core.features import features
from app.core.forms import Errors
from app.core.records import Loaded
from tenants import cache

ENTRIES = 40
_A_MINUTE = timedelta(minutes=1)

Link = tuple[str, str | None]
Action = tuple[str, str, str]
"""(label, icon, URL)"""

Fact = tuple[str, str, str | None]
"""(label, value, URL of the value)"""


@dataclass(frozen=True, kw_only=True)
class Head:
    """Who or what the record is, by the feature that owns it."""

    title: str
    called: str = ""
    """The name alone, of which the initials are; empty where the title is nothing else."""

    subtitle: str = ""
    reach: Sequence[Action] = ()
    deeds: Sequence[Action] = ()
    """What changes the record at once, each by one press."""

    facts: Sequence[tuple[str, Sequence[Fact]]] = ()
    edit_endpoint: str = ""
    delete_endpoint: str = ""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What somebody wrote into the capture box that was not accepted."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)


def record_page(entity: EntityType, record: Loaded, head: Head) -> str:
    """Its own facts, what happened, and the panels that other features contribute."""
    trail.note(entity, record.id)
    alone = panels.asked_alone(entity, record)
    if alone is not None:
        return alone
    beside = panels.load(entity, record)
    page = {
        "record_id": record.id,
        "version": record.version,
        "live": hearing.granted(record.id),
        "url": url_for(entity.endpoint, record_id=record.id),
        "subtitle": " · ".join(line for line in (head.subtitle, beside.line) if line),
        "crumbs": [(entity.plural, url_for(entity.list_endpoint))],
        "panels": beside.at_once,
        "more_panels": beside.later,
        **_of_head(entity, record, head),
        **_of_history(entity, record),
    }
    return render_template("core/record.html", page=page)


def _of_head(entity: EntityType, record: Loaded, head: Head) -> dict[str, Any]:
    return {
        "title": head.title,
        "called": head.called or head.title,
        "reach": head.reach,
        "deeds": head.deeds,
        "edit_url": url_for(head.edit_endpoint, record_id=record.id) if access.may(entity.may("write")) else None,
        "more": _more(entity, record, head),
        "facts": head.facts,
    }


def _of_history(entity: EntityType, record: Loaded) -> dict[str, Any]:
    entries, older_url = _entries(entity, record.id)
    return {
        "capture": _capture(entity, record),
        "segments": _segments(entity, record.id),
        "entries": entries,
        "older_url": older_url,
    }


def page_that_kept(kept: Kept, *, about: EntityRef) -> ResponseReturnValue:
    """The record's own page, with what was written still in its box and what is wrong with it below."""
    g.kept = kept
    shown: Any = flask.current_app.view_functions[entity_types.named(about.type).endpoint](record_id=about.id)
    return flask.current_app.make_response(shown), HTTPStatus.UNPROCESSABLE_ENTITY


def _more(entity: EntityType, record: Loaded, head: Head) -> list[tuple[str, str, str, str]]:
    if not access.may(entity.may("delete")):
        return []
    return [(gettext("Delete"), "trash-2", url_for(head.delete_endpoint, record_id=record.id), "POST")]


def _capture(entity: EntityType, record: Loaded) -> dict[str, Any] | None:
    capture: Capture | None = features.capture()
    if capture is None or not access.may(capture.permission):
        return None
    kept: Kept = g.get("kept") or Kept()
    kinds = [kind for kind in features.capture_kinds() if access.may(kind.permission)]
    return {
        "action_url": url_for(capture.endpoint, entity=entity.name, record_id=record.id),
        "names_url": url_for(capture.names_endpoint),
        "kinds": [(kind.value, str(kind.label), kind.icon) for kind in kinds],
        "details": _details(kept),
        "placeholder": str(capture.placeholder),
        "submit_label": str(capture.submit_label),
        "text": kept.values.get("text", ""),
        "kind": kept.values.get("kind", ""),
        "errors": [*kept.errors.get("text", ()), *kept.errors.get("kind", ())],
    }


_Details = list[tuple[tuple[str, ...], Markup]]
"""(for which kinds, what is asked)"""


def _details(kept: Kept) -> _Details:
    """While nothing is written in it, the box asks a user the same on every record."""
    if kept.values or kept.errors:
        return _asked(kept)
    return cache.remember_mine(f"capture {i18n.locale()}", lambda: _asked(kept), for_=_A_MINUTE)


def _asked(kept: Kept) -> _Details:
    return [
        (details.kinds, Markup(render_template(details.template, **details.load(kept.values, kept.errors))))
        for details in features.capture_details()
        if access.may(details.permission)
    ]


def _entries(entity: EntityType, record_id: UUID) -> tuple[list[Entry], str | None]:
    """The newest entries of every source, and where the older ones are."""
    show, before = request.args.get("show"), entries.read_place(request.args.get("before"))
    told = (
        (feature.name, feature.entries(entity, record_id, before and before.within(feature.name), ENTRIES + 1))
        for feature in features.telling_on(entity)
        if feature.entries is not None and show in (None, feature.name)
    )
    shown, end = entries.newest(told, ENTRIES)
    older_url = url_for(entity.endpoint, record_id=record_id, show=show, before=str(end)) if end else None
    return shown, older_url


def _segments(entity: EntityType, record_id: UUID) -> list[tuple[str, str, bool]]:
    show, url = request.args.get("show"), url_for(entity.endpoint, record_id=record_id)
    sources = [(feature.name, feature.entries_label) for feature in features.telling_on(entity)]
    choices = [(None, gettext("Everything")), *((name, str(label)) for name, label in sources)]
    return [(label, f"{url}?show={name}" if name else url, name == show) for name, label in choices]
