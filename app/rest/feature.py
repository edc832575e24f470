"""Makes the interface of what other features describe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import fields

from app.core.entities import Extension
from app.core.features import Feature, MenuItem
from app.core.fields import schema_class
from app.core.resources import Resource, Shown
from app.rest import feed, interface, reference, routes, tokens
from app.rest.interface import Interface


def feature(rooms: Sequence[Feature]) -> Feature:
    """The interface for everything that these features let programs read and change."""
    extensions = [extension for room in rooms for extension in room.extensions]
    resources = [_whole(resource, extensions) for room in rooms for resource in room.resources]
    bp = Interface("api", __name__)
    bp.before_request(interface.bound)
    bp.after_request(interface.say_limits)
    for resource in resources:
        routes.add(bp, resource)
    feed.add(bp, _tables(resources, extensions))
    return Feature(
        name="rest",
        blueprints=(bp, tokens.bp, reference.door(resources, bp)),
        permissions=("changes.export", "tokens.read", "tokens.write", "tokens.manage"),
        account=(
            MenuItem(label=_l("API access"), icon="key-round", endpoint="tokens.index", permission="tokens.read"),
        ),
    )


def _tables(resources: Sequence[Resource], extensions: Sequence[Extension]) -> list[str]:
    """Whose changes are told: those of the resources, and of the rows that belong to them."""
    models: list[Any] = [resource.model for resource in resources]
    models += [part.model for extension in extensions for part in extension.parts]
    return list(dict.fromkeys(str(model.__tablename__) for model in models))


def _whole(resource: Resource, extensions: Sequence[Extension]) -> Resource:
    """With what other features add to such records: fields, and filters of their list."""
    if resource.entity is None:
        return resource
    name = resource.entity.name
    own = [extension for extension in extensions if name in extension.on]
    added = [described for extension in own for described in extension.fields]
    shown = {described.name: fields.String(allow_none=True) for described in added}
    told = [extension for extension in own if extension.fields]

    def read(ids: Any) -> Sequence[Shown]:
        beside = [extension.read(name, ids) for extension in told]
        return [
            {**one, **{k: v for texts in beside for k, v in texts.get(one["id"], {}).items()}} for one in alone(ids)
        ]

    alone, entered = resource.read, resource.entered
    if added and entered is not None:
        entered = _with(entered, [*entered.described, *added])
    return replace(
        resource,
        shown=type(resource.one, (resource.shown,), shown) if shown else resource.shown,
        read=read if told else alone,
        entered=entered,
        filters=(*resource.filters, *(one for extension in own for one in extension.filters)),
    )


def _with(schema: Any, described: Any) -> Any:
    beside = {n: f for n, f in schema._declared_fields.items() if n not in {one.name for one in schema.described}}
    return schema_class(schema.__name__, described, rule=schema.rule, beside=beside)
