"""The page of one record, and what every page is told: descriptions in, template out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from app.core import access
from app.core.entities import EntityType
from app.core.entries import Entry
from app.core.features import Capture, features
from tenants.db import Versioned

ENTRIES = 40

Link = tuple[str, str | None]
Action = tuple[str, str, str]
"""(label, icon, URL)"""

Fact = tuple[str, str, str | None]
"""(label, value, URL of the value)"""


@dataclass(frozen=True, kw_only=True)
class Head:
    """Who or what the record is, by the feature that owns it."""

    title: str
    subtitle: str = ""
    reach: Sequence[Action] = ()
    facts: Sequence[tuple[str, Sequence[Fact]]] = ()
    edit_endpoint: str = ""
    delete_endpoint: str = ""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What somebody wrote into the capture box that was not accepted."""

    text: str = ""
    kind: str = ""
    errors: Sequence[str] = field(default_factory=tuple)


def record_page(entity: EntityType, record: Versioned, head: Head, *, kept: Kept | None = None) -> str:
    """Its own facts, what happened, and the panels that other features contribute."""
    entries, older_url = _entries(entity, record.id)
    page = {
        "record_id": record.id,
        "version": record.version,
        "url": url_for(entity.endpoint, record_id=record.id),
        "title": head.title,
        "subtitle": head.subtitle,
        "crumbs": [(entity.plural, url_for(entity.list_endpoint))],
        "reach": head.reach,
        "edit_url": url_for(head.edit_endpoint, record_id=record.id) if access.may(entity.may("write")) else None,
        "more": _more(entity, record, head),
        "capture": _capture(entity, record, kept or Kept()),
        "segments": _segments(),
        "entries": entries,
        "older_url": older_url,
        "facts": head.facts,
        "panels": _panels(entity, record),
    }
    return render_template("core/record.html", page=page)


def _more(entity: EntityType, record: Versioned, head: Head) -> list[tuple[str, str, str, str]]:
    if not access.may(entity.may("delete")):
        return []
    return [(gettext("Delete"), "trash-2", url_for(head.delete_endpoint, record_id=record.id), "POST")]


def _capture(entity: EntityType, record: Versioned, kept: Kept) -> dict[str, Any] | None:
    capture: Capture | None = features.capture()
    if capture is None or not access.may(capture.permission):
        return None
    return {
        "action_url": url_for(capture.endpoint, entity=entity.name, record_id=record.id),
        "kinds": [(value, str(label), icon) for value, label, icon in capture.kinds],
        "placeholder": str(capture.placeholder),
        "submit_label": str(capture.submit_label),
        "text": kept.text,
        "kind": kept.kind,
        "errors": kept.errors,
    }


def _entries(entity: EntityType, record_id: UUID) -> tuple[list[Entry], str | None]:
    """The newest entries of every source, and where the older ones are."""
    show, before = request.args.get("show"), _moment(request.args.get("before"))
    found = [
        entry
        for feature in features
        if feature.entries is not None and show in (None, feature.name)
        for entry in feature.entries(entity, record_id, before, ENTRIES + 1)
    ]
    found.sort(key=lambda entry: entry.at, reverse=True)
    shown = found[:ENTRIES]
    if len(found) <= ENTRIES:
        return shown, None
    return shown, url_for(entity.endpoint, record_id=record_id, show=show, before=shown[-1].at.isoformat())


def _moment(written: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _segments() -> list[tuple[str, str, bool]]:
    show = request.args.get("show")
    sources = [(feature.name, feature.entries_label) for feature in features if feature.entries is not None]
    choices = [(None, gettext("Everything")), *((name, str(label)) for name, label in sources)]
    return [(label, f"{request.path}?show={name}" if name else request.path, name == show) for name, label in choices]


def _panels(entity: EntityType, record: Versioned) -> list[tuple[str, Markup]]:
    return [
        (str(panel.title), Markup(render_template(panel.template, record=record, **panel.load(record))))
        for panel in features.panels_on(entity)
        if access.may(panel.permission)
    ]
