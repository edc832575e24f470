"""What other features show beside a record. A lazy panel is loaded only when somebody comes to see it: its frame asks
the same page for itself, and without JavaScript a link does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from markupsafe import Markup

from app.core import access
from app.core.entities import EntityType
from app.core.features import Panel, features
from tenants.db import Versioned

Loaded = Sequence[tuple[Panel, dict[str, Any] | None]]
"""Panels with what each has loaded; None where that has time."""

_FRAME = "panel-"


def load(entity: EntityType, record: Versioned) -> Loaded:
    """All panels of the page, each asked as late as it allows."""
    open_ones = [panel for panel in features.panels_on(entity) if access.may(panel.permission)]
    asked = request.args.get("panel")
    return [(panel, None if panel.lazy and panel.name != asked else panel.load(record)) for panel in open_ones]


def asked_alone(entity: EntityType, record: Versioned) -> str | None:
    """The one panel whose frame asks for itself."""
    name = request.headers.get("Turbo-Frame", "")
    for panel in features.panels_on(entity):
        if panel.lazy and name == _FRAME + panel.name and access.may(panel.permission):
            return str(_shown(panel, record, panel.load(record)))
    return None


def line(loaded: Loaded) -> str:
    """What stands below the record's name."""
    said = (panel.line(found) for panel, found in loaded if found is not None)
    return " · ".join(words for words in said if words)


def shown(record: Versioned, loaded: Loaded) -> list[tuple[str, Markup]]:
    return [
        (str(panel.title), _shown(panel, record, found) if found is not None else _later(panel))
        for panel, found in loaded
    ]


def _shown(panel: Panel, record: Versioned, found: dict[str, Any]) -> Markup:
    html = Markup(render_template(panel.template, record=record, **found))
    return Markup(render_template("core/panel.html", name=_FRAME + panel.name, html=html)) if panel.lazy else html


def _later(panel: Panel) -> Markup:
    url = f"?panel={panel.name}"
    return Markup(render_template("core/panel.html", name=_FRAME + panel.name, url=url, title=str(panel.title)))
