"""What other features show beside a record. Panels that have time are loaded together, when somebody comes to see them:
their frame asks the same page for itself, and without JavaScript a link does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from markupsafe import Markup

from app.core import access
from app.core.entities import EntityType
from app.core.features import Panel, features
from app.core.records import Loaded

Shown = list[tuple[str, Markup]]
"""(title, content)"""

_FRAME = "panels"


@dataclass(frozen=True, slots=True)
class Panels:
    line: str
    """What stands below the record's name."""

    at_once: Shown
    later: Markup
    """The frame of all others, with or without them; empty where there are none."""


def load(entity: EntityType, record: Loaded) -> Panels:
    open_ones = _open_ones(entity)
    loaded = [(panel, panel.load(entity.ref(record.id))) for panel in open_ones if not panel.lazy]
    lines = (panel.line(found) for panel, found in loaded)
    return Panels(
        line=" · ".join(line for line in lines if line),
        at_once=[_shown(panel, entity, record, found) for panel, found in loaded],
        later=_frame(entity, record, is_asked=_FRAME in request.args)
        if any(panel.lazy for panel in open_ones)
        else Markup(),
    )


def asked_alone(entity: EntityType, record: Loaded) -> str | None:
    """The frame, where it asks for itself."""
    if request.headers.get("Turbo-Frame") != _FRAME:
        return None
    return str(_frame(entity, record, is_asked=True))


def _open_ones(entity: EntityType) -> list[Panel]:
    return [panel for panel in features.panels_on(entity) if access.may(panel.permission)]


def _frame(entity: EntityType, record: Loaded, *, is_asked: bool) -> Markup:
    lazy = [panel for panel in _open_ones(entity) if panel.lazy] if is_asked else []
    shown = [_shown(panel, entity, record, panel.load(entity.ref(record.id))) for panel in lazy]
    # What has nothing to say does not take a place.
    told = [(title, html) for title, html in shown if html.strip()]
    url = url_for(entity.endpoint, record_id=record.id)
    return Markup(render_template("core/panels.html", name=_FRAME, url=url, panels=told, is_asked=is_asked))


def _shown(panel: Panel, entity: EntityType, record: Loaded, found: dict[str, Any]) -> tuple[str, Markup]:
    return str(panel.title), Markup(render_template(panel.template, record=record, entity=entity, **found))
