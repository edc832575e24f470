"""What stands above a list: its views, its filter, its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlencode

import flask
from flask import render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from app.core import access, conditions, filtering, i18n, lines, lists, narrowing, wording
from app.core.conditions import MOST_TESTS, Condition, UnreadableCondition
from app.core.criteria import Criteria, check
from app.core.entities import EntityType
from app.core.features import Kept
from app.views import actions, queries
from app.views.queries import KnownView

Address = Mapping[str, str]
EVERYTHING = "all"
"""In the place of a view's id: the whole list, although something else comes first."""

FOCUS = "list focus"
"""In the session: where the keyboard was when the list was asked for anew."""


def tabs(entity: EntityType, kept: Kept, address: Address) -> Markup:
    if not kept.views:
        return Markup()
    current = _current(kept, address)
    url = url_for(entity.list_endpoint)
    everything = (gettext("All"), f"{url}?{urlencode({'view': EVERYTHING})}", current is None, False)
    items = [
        (v.name, f"{url}?{urlencode({**v.address, 'view': str(v.id)})}", v is current, v.shared) for v in kept.views
    ]
    return Markup(render_template("views/tabs.html", items=[everything, *items]))


def tools(entity: EntityType, kept: Kept, address: Address) -> Markup:
    asked = narrowing.criteria(entity)
    shown = {name: value for name, value in address.items() if name not in lists.PLACES}
    return Markup(
        render_template(
            "views/tools.html",
            entity=entity.name,
            records=_said_within(entity),
            query=urlencode(shown),
            editor=_editor(entity, asked, address),
            pills=_pills(asked, address),
            menu=_menu(entity, kept, address) if access.may("views.write") else None,
        )
    )


def _said_within(entity: EntityType) -> str:
    """The kind of records within a sentence; English writes it small there."""
    return str(entity.plural) if i18n.locale() == "de" else str(entity.plural).lower()


@cache
def _fields(entity: EntityType, _language: str) -> Sequence[tuple[str, str]]:
    """(name, label) of what a line can ask, as it is said in one language."""
    return [(name, str(criterion.label)) for name, criterion in narrowing.criteria(entity).items()]


def _editor(entity: EntityType, asked: Criteria, address: Address) -> dict[str, Any]:
    """Open while somebody writes in it; otherwise it shows what the list is narrowed to."""
    is_open = lists.EDIT in address
    found = (
        lines.judged(lines.read(address[lists.EDIT], asked), asked) if is_open else lines.of(_applied(asked, address))
    )
    return {
        "is_open": is_open,
        "checked": lists.CHECKED in address,
        "lines": [lines.shown(line, asked[line.field]) for line in found],
        "fields": _fields(entity, i18n.locale()),
        "full": len(found) >= MOST_TESTS,
        "focus": flask.session.pop(FOCUS, "") if FOCUS in flask.session else "",
    }


def _applied(asked: Criteria, address: Address) -> Condition:
    """What narrows the list; nothing where that cannot be understood, which the list itself says."""
    try:
        condition = conditions.parse(address[filtering.WHERE]) if filtering.WHERE in address else Condition()
        check(condition, asked)
    except UnreadableCondition:
        return Condition()
    return condition


def _pills(asked: Criteria, address: Address) -> list[tuple[str, str]]:
    """(what one group of the filter says, where the list is without it)"""
    groups = _applied(asked, address).groups
    return [
        (
            wording.either([wording.said(asked[t.field], t.operator, t.values) for t in group]),
            narrowed_url(request.path, address, Condition(groups[:place] + groups[place + 1 :])),
        )
        for place, group in enumerate(groups)
    ]


def narrowed_url(path: str, address: Address, condition: Condition) -> str:
    kept = {name: value for name, value in address.items() if name not in (*lists.PLACES, filtering.WHERE)}
    where = {filtering.WHERE: conditions.written(condition)} if condition else {}
    # An address that asks for nothing would show what comes first.
    return f"{path}?{urlencode({**kept, **where} or {'view': EVERYTHING})}"


def _menu(entity: EntityType, kept: Kept, address: Address) -> dict[str, Any]:
    current = _current(kept, address)
    return {
        "may_share": access.may("views.share"),
        "view": current,
        "may_change": current is not None and queries.may_change(current),
        "is_changed": current is not None and _is_changed(entity, kept, address, current),
        "first": next((view for view in kept.views if view.comes_first), None),
    }


def _is_changed(entity: EntityType, kept: Kept, address: Address, view: KnownView) -> bool:
    """Whether the list shows something else than the view by itself would."""
    by_itself = lists.addressed(entity, {**view.address, "view": str(view.id)}, kept)
    try:
        return actions.essence(entity, address) != actions.essence(entity, by_itself)
    except UnreadableCondition:
        return False


def _current(kept: Kept, address: Address) -> KnownView | None:
    return next((view for view in kept.views if str(view.id) == address.get("view")), None)
