"""The bar below a list: what can be done with the records that are selected there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import flask
from flask import url_for

from app.core import access, listing
from app.core.bulk import Argument, BulkAction
from app.core.entities import EntityType, UnknownEntity, entity_types
from app.core.features import features
from tenants.db import new_id

Choices = Sequence[tuple[str, str]]


def actions_on(entity: EntityType) -> list[BulkAction]:
    return [action for extension in entity_types.extensions(entity) for action in extension.bulk]


def action_named(entity: EntityType, name: str) -> BulkAction:
    """Raises UnknownEntity."""
    found = next((action for action in actions_on(entity) if action.name == name), None)
    if found is None:
        raise UnknownEntity
    return found


def permissions(entity: EntityType, action: BulkAction) -> frozenset[str]:
    """All that one needs for it."""
    return frozenset({entity.may(action.verb), *([action.permission] if action.permission else ())})


def keep(ids: Sequence[UUID], typed: str) -> None:
    """For the next list that is shown: what was selected and typed when an action was refused."""
    flask.session["selected"] = {"ids": [str(one) for one in ids[: listing.PAGE]], "typed": typed}


def bar(entity: EntityType, filters: Sequence[tuple[str, str, str, Choices]]) -> Mapping[str, Any] | None:
    """None where the actor can do nothing. ``filters`` are those of the list: (name, label, chosen, choices)."""
    door = features.selection()
    if door is None or not access.may(door.permission):
        return None
    offered = [a for a in actions_on(entity) if all(access.may(wanted) for wanted in permissions(entity, a))]
    shown = {name: [text for value, text in choices if value] for name, _, _, choices in filters}
    groups: dict[Argument | None, list[BulkAction]] = {}
    for action in offered:
        groups.setdefault(action.argument, []).append(action)
    kept = flask.session.pop("selected", {}) if "selected" in flask.session else {}
    return {
        "checked": kept.get("ids", ()),
        "typed": kept.get("typed", ""),
        "action_url": url_for(door.endpoint),
        "token": str(new_id()),
        "entity": entity.name,
        "groups": [
            (argument, _suggestions(argument, shown), [(a.name, str(a.label), a.icon) for a in group])
            for argument, group in groups.items()
        ],
    }


def _suggestions(argument: Argument | None, shown: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if argument is None:
        return ()
    return shown[argument.name] if argument.name in shown else argument.suggestions()
