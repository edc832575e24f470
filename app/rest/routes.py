"""The addresses of each described resource: list, read, add, change, delete, and its deeds."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields

from app.core.resources import Deed, Entered, Resource
from app.rest import answers, bodies, listing, repeats, versions
from app.rest.interface import Interface, Told
from tenants.db import db

_KEY = {
    "in": "header",
    "name": repeats.HEADER,
    "description": _l("Sent again within 24 hours under the same key, it happens once and is answered the same."),
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}
_VERSION = {
    "in": "header",
    "name": "If-Match",
    "description": _l("The ETag of what was read; * stands for any version."),
    "schema": {"type": "string"},
    "example": "*",
}


def add(bp: Interface, resource: Resource) -> None:
    _list(bp, resource)
    _show(bp, resource)
    if resource.create is not None:
        _create(bp, resource, resource.create)
    if resource.change is not None:
        _change(bp, resource, resource.change)
    if resource.delete is not None:
        _delete(bp, resource, resource.delete)
    for deed in resource.deeds:
        _do(bp, resource, deed)
        _undo(bp, resource, deed)


@cache
def page_of(resource: Resource) -> type[Schema]:
    """One schema for each resource: the description names it once."""
    cursor = _l("Cursor of the next page; null on the last.")
    columns = {
        "items": fields.List(fields.Nested(resource.shown), required=True),
        "next": fields.String(required=True, allow_none=True, metadata={"description": cursor}),
    }
    return type(f"{resource.one}Page", (Schema,), columns)


def _list(bp: Interface, resource: Resource) -> None:
    told = Told(
        summary=_l("List"),
        query=listing.asked_schema(resource),
        answer=page_of(resource),
    )

    @bp.get(f"/{resource.name}", **_own(resource, "list", "read"), told=told)
    def view(asked: dict[str, Any]) -> ResponseReturnValue:
        return answers.page(*listing.page(resource, asked))


def _show(bp: Interface, resource: Resource) -> None:
    told = Told(summary=_l("Read"), answer=resource.shown)

    @bp.get(_address(resource), **_own(resource, "show", "read"), told=told)
    def view(record_id: UUID) -> ResponseReturnValue:
        return answers.one(resource, record_id)


def _create(bp: Interface, resource: Resource, create: Callable[[Entered], UUID]) -> None:
    told = Told(
        summary=_l("Add"),
        headers=[_KEY],
        body=resource.entered,
        example=resource.example,
        answer=resource.shown,
        status=HTTPStatus.CREATED,
    )

    def make() -> Response:
        record_id = create(bodies.new(resource))
        db.session.flush()
        return answers.one(resource, record_id, status=HTTPStatus.CREATED)

    @bp.post(f"/{resource.name}", **_own(resource, "create", "write"), told=told)
    def view() -> ResponseReturnValue:
        return repeats.once(make)


def _change(bp: Interface, resource: Resource, change: Callable[[Any, Entered], None]) -> None:
    told = Told(
        summary=_l("Change"),
        headers=[{**_VERSION, "required": True}],
        body=resource.changed or resource.entered,
        answer=resource.shown,
    )

    @bp.patch(_address(resource), **_own(resource, "change", "write"), told=told)
    def view(record_id: UUID) -> ResponseReturnValue:
        record = versions.held(resource, record_id, required=True)
        change(record, bodies.changed(resource, record))
        db.session.flush()
        return answers.one(resource, record_id)


def _delete(bp: Interface, resource: Resource, delete: Callable[[Any], None]) -> None:
    told = Told(summary=_l("Delete"), headers=[_VERSION], status=HTTPStatus.NO_CONTENT)

    @bp.delete(_address(resource), **_own(resource, "delete", "delete"), told=told)
    def view(record_id: UUID) -> ResponseReturnValue:
        delete(versions.held(resource, record_id, required=False))
        return answers.nothing()


def _do(bp: Interface, resource: Resource, deed: Deed) -> None:
    told = Told(summary=deed.label, headers=[_VERSION], body=deed.entered, example=deed.example, answer=resource.shown)

    @bp.put(f"{_address(resource)}/{deed.name}", **_own(resource, deed.name, "write"), told=told)
    def view(record_id: UUID) -> ResponseReturnValue:
        record = versions.held(resource, record_id, required=False)
        deed.do(record, bodies.load(deed.entered, bodies.sent()) if deed.entered else {})
        db.session.flush()
        return answers.one(resource, record_id)


def _undo(bp: Interface, resource: Resource, deed: Deed) -> None:
    told = Told(summary=_l("Take back: %(deed)s", deed=deed.label), headers=[_VERSION], answer=resource.shown)

    @bp.delete(f"{_address(resource)}/{deed.name}", **_own(resource, f"{deed.name}_undo", "write"), told=told)
    def view(record_id: UUID) -> ResponseReturnValue:
        deed.undo(versions.held(resource, record_id, required=False))
        db.session.flush()
        return answers.one(resource, record_id)


def _own(resource: Resource, name: str, verb: str) -> dict[str, Any]:
    return {"allow": resource.may(verb), "endpoint": f"{resource.name}_{name}", "tags": [resource.name]}


def _address(resource: Resource) -> str:
    return f"/{resource.name}/<uuid:record_id>"
