"""Makes the interface of what other features describe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import lazy_gettext as _l
from marshmallow import fields

from app.core.entities import Extension, Part
from app.core.features import Feature, MenuItem
from app.core.fields import Field, FieldSchema, schema_class
from app.core.resources import Resource
from app.rest import allowance, bonds, feed, inbox, interface, reference, routes, tokens, usage
from app.rest.interface import Interface
from app.rest.journal import Journal


def feature(rooms: Sequence[Feature]) -> Feature:
    """The interface for everything that these features let programs read and change."""
    extensions = [extension for room in rooms for extension in room.extensions]
    resources = [_whole(resource, extensions) for room in rooms for resource in room.resources]
    bp = Interface("api", __name__)
    bp.before_request(interface.bound)
    bp.after_request(allowance.say)
    for resource in resources:
        routes.add(bp, resource)
    for bond in (bond for room in rooms for bond in room.bonds):
        for resource in resources:
            bonds.add(bp, resource, bond)
    feed.add(bp, Journal(resources, _parts(rooms)))
    inbox.add(bp)
    usage.add(bp)
    return Feature(
        name="rest",
        blueprints=(bp, tokens.bp, reference.door(resources, bp)),
        permissions=("changes.export", "usage.see", "tokens.read", "tokens.write", "tokens.manage"),
        account=(
            MenuItem(label=_l("API access"), icon="key-round", endpoint="tokens.index", permission="tokens.read"),
        ),
    )


def _parts(rooms: Sequence[Feature]) -> list[tuple[str, Part]]:
    """(kind of record, what belongs to such records)"""
    return [
        (entity.name, part)
        for entity in (entity for room in rooms for entity in room.entities)
        for extension in (extension for room in rooms for extension in room.extensions)
        if entity.name in extension.on
        for part in extension.parts
    ]


def _whole(resource: Resource, extensions: Sequence[Extension]) -> Resource:
    """With what other features add to such records: fields, and filters of their list."""
    if resource.entity is None:
        return resource
    own = [extension for extension in extensions if resource.entity.name in extension.on]
    filters = (*resource.filters, *(one for extension in own for one in extension.filters))
    added = [described for extension in own for described in extension.fields]
    if not added or resource.entered is None:
        return replace(resource, filters=filters)
    shown = {described.name: fields.String(allow_none=True) for described in added}
    return replace(
        resource,
        shown=type(resource.one, (resource.shown,), shown),
        read=resource.read.with_beside([extension for extension in own if extension.fields]),
        entered=_with(resource.entered, added),
        filters=filters,
    )


def _with(schema: type[FieldSchema], added: Sequence[Field]) -> type[FieldSchema]:
    described = [*schema.described, *added]
    beside = {name: own for name, own in schema._declared_fields.items() if "described" not in own.metadata}
    return schema_class(schema.__name__, described, rule=schema.rule, shape=schema.shape, beside=beside)
