"""The addresses of each described resource: list, read, add, change, delete, and its deeds."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields

from app.core.resources import Deed, Resource
from app.rest import answers, bodies, listing, repeats, versions
from app.rest.interface import Interface
from tenants.db import db

_KEY = {
    "in": "header",
    "name": repeats.HEADER,
    "description": _l("Sent again within 24 hours under the same key, it happens once and is answered the same."),
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}


def if_match(*, required: bool) -> dict[str, Any]:
    return {
        "in": "header",
        "name": "If-Match",
        "required": required,
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
        _deed(bp, resource, deed)


def page_schema(name: str, shown: type[Schema]) -> type[Schema]:
    columns = {
        "items": fields.List(fields.Nested(shown), required=True),
        "next": fields.String(
            required=True, allow_none=True, metadata={"description": _l("Cursor of the next page; null on the last.")}
        ),
    }
    return type(f"{name}Page", (Schema,), columns)


def _list(bp: Interface, resource: Resource) -> None:
    @bp.get(f"/{resource.name}", allow=resource.may("read"), endpoint=f"{resource.name}_list", tags=[resource.name])
    @bp.doc(summary=_l("List"))
    @bp.arguments(listing.asked_schema(resource), location="query")
    @bp.response(200, page_schema(resource.one, resource.shown))
    def _(asked: dict[str, Any]) -> ResponseReturnValue:
        return answers.page(resource, *listing.page(resource, asked))


def _show(bp: Interface, resource: Resource) -> None:
    @bp.get(_address(resource), allow=resource.may("read"), endpoint=f"{resource.name}_show", tags=[resource.name])
    @bp.doc(summary=_l("Read"))
    @bp.response(200, resource.shown)
    def _(record_id: UUID) -> ResponseReturnValue:
        return answers.one(resource, record_id)


def _create(bp: Interface, resource: Resource, create: Callable[[Any], UUID]) -> None:
    @bp.post(f"/{resource.name}", allow=resource.may("write"), endpoint=f"{resource.name}_create", tags=[resource.name])
    @bp.doc(summary=_l("Add"), parameters=[_KEY], requestBody=body(resource.entered, resource.example))
    @bp.response(201, resource.shown)
    def _() -> ResponseReturnValue:
        return repeats.once(lambda: _created(resource, create))


def _created(resource: Resource, create: Callable[[Any], UUID]) -> Any:
    record_id = create(bodies.new(resource))
    db.session.flush()
    return answers.one(resource, record_id, status=HTTPStatus.CREATED)


def _change(bp: Interface, resource: Resource, change: Callable[[Any, Any], None]) -> None:
    @bp.patch(_address(resource), allow=resource.may("write"), endpoint=f"{resource.name}_change", tags=[resource.name])
    @bp.doc(
        summary=_l("Change"),
        parameters=[if_match(required=True)],
        requestBody=body(resource.changed or resource.entered, {}, required=()),
    )
    @bp.response(200, resource.shown)
    def _(record_id: UUID) -> ResponseReturnValue:
        record = versions.held(resource, record_id, required=True)
        change(record, bodies.changed(resource, record))
        db.session.flush()
        return answers.one(resource, record_id)


def _delete(bp: Interface, resource: Resource, delete: Callable[[Any], None]) -> None:
    @bp.delete(
        _address(resource), allow=resource.may("delete"), endpoint=f"{resource.name}_delete", tags=[resource.name]
    )
    @bp.doc(summary=_l("Delete"), parameters=[if_match(required=False)])
    @bp.response(204)
    def _(record_id: UUID) -> ResponseReturnValue:
        delete(versions.held(resource, record_id, required=False))
        return answers.nothing()


def _deed(bp: Interface, resource: Resource, deed: Deed) -> None:
    rule, own = f"{_address(resource)}/{deed.name}", {"allow": resource.may("write"), "tags": [resource.name]}
    taken = {} if deed.entered is None else {"requestBody": body(deed.entered, deed.example)}

    @bp.put(rule, endpoint=f"{resource.name}_{deed.name}", **own)
    @bp.doc(summary=deed.label, parameters=[if_match(required=False)], **taken)
    @bp.response(200, resource.shown)
    def _(record_id: UUID) -> ResponseReturnValue:
        record = versions.held(resource, record_id, required=False)
        deed.do(record, bodies.load(deed.entered, bodies.sent()) if deed.entered else {})
        db.session.flush()
        return answers.one(resource, record_id)

    @bp.delete(rule, endpoint=f"{resource.name}_{deed.name}_undo", **own)
    @bp.doc(summary=_l("Take back: %(deed)s", deed=deed.label), parameters=[if_match(required=False)])
    @bp.response(200, resource.shown)
    def _undo(record_id: UUID) -> ResponseReturnValue:
        deed.undo(versions.held(resource, record_id, required=False))
        db.session.flush()
        return answers.one(resource, record_id)


def body(schema: Any, example: Any, *, required: tuple[str, ...] | None = None) -> dict[str, Any]:
    described: dict[str, Any] = {"schema": schema}
    if example:
        described["example"] = example
    return {"required": True, "content": {"application/json": described}}


def _address(resource: Resource) -> str:
    return f"/{resource.name}/<uuid:record_id>"
