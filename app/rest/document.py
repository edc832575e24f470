"""The interface described for programs: OpenAPI 3.1, made of the same schemas by which requests are read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import flask
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_smorest import Api
from marshmallow import Schema, fields

from app.core import i18n
from app.core.entities import entity_types
from app.core.fields import WRITTEN, Field, FieldKind
from app.core.problems import MIME
from app.core.resources import Resource
from app.rest.interface import PREFIX, Interface
from config.settings import settings

_FORMATS = {FieldKind.EMAIL: "email", FieldKind.DAY: "date", FieldKind.TIME: "time", FieldKind.MOMENT: "date-time"}
_TENANT = "/{slug}"
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "request": {"type": "string"},
        "errors": {"type": "object"},
    },
}


class _Described(Api):  # type: ignore[misc]
    """Only the description: pages and errors are the house's own."""

    def _register_doc_blueprint(self) -> None:
        pass

    def _register_error_handlers(self) -> None:
        pass


def document(resources: Sequence[Resource], bp: Interface) -> dict[str, Any]:
    """In the reader's language."""
    return _told(tuple(resources), bp, i18n.locale())


@cache
def _told(resources: tuple[Resource, ...], bp: Interface, _language: str) -> dict[str, Any]:
    lazy = _document(resources, bp)
    lazy["info"]["description"] = gettext(
        "Contacts, companies and everything else of a firm, for programs. A token made in Kontor opens it."
    )
    found: dict[str, Any] = json.loads(json.dumps(lazy, default=str))
    return found


def _document(resources: Sequence[Resource], bp: Interface) -> dict[str, Any]:
    api = _Described(spec_kwargs={"title": "Kontor", "version": "1", "openapi_version": "3.1.0"})
    app: Any = flask.current_app
    api.init_app(app)
    api.ma_plugin.converter.add_attribute_function(_properties)
    bp.register_views_in_doc(api, app, api.spec, name=bp.name, parameters=None)
    found: dict[str, Any] = api.spec.to_dict()
    found["paths"] = _paths(found["paths"], _operations(bp))
    _require(found["components"]["schemas"], resources)
    for unused in ("Error", "PaginationMetadata"):
        found["components"]["schemas"].pop(unused, None)
    found["components"] |= {
        "responses": {"Problem": {"description": _l("Refused"), "content": {MIME: {"schema": PROBLEM}}}},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    found["servers"] = [
        {
            "url": f"{settings().public_url}{_TENANT}{PREFIX}",
            "variables": {"slug": {"default": "firm", "description": _l("The address of the firm.")}},
        }
    ]
    found["security"] = [{"token": []}]
    return found


def _operations(bp: Interface) -> dict[tuple[str, str], tuple[str, str]]:
    """(path, method) -> (its name, which permission it asks for)"""
    app = flask.current_app
    return {
        (_PLACE.sub(r"{\1}", rule.rule), method.lower()): (
            rule.endpoint.partition(".")[2],
            getattr(app.view_functions[rule.endpoint], "allow", ""),
        )
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] == bp.name
        for method in rule.methods or ()
    }


def _paths(
    paths: Mapping[str, dict[str, Any]], operations: Mapping[tuple[str, str], tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """Below the firm's own address, with what is refused."""
    told: dict[str, dict[str, Any]] = {}
    for path, described in paths.items():
        own = [one for one in described.pop("parameters", []) if one["name"] != "slug"]
        for method, operation in described.items():
            name, scope = operations[path, method]
            operation["parameters"] = [*own, *(p for p in operation.get("parameters", []) if p.get("name") != "slug")]
            operation["operationId"], operation["x-scope"] = name, scope
            kept = {code: answer for code, answer in operation["responses"].items() if code.startswith("2")}
            known = {"304": {"description": _l("Still what If-None-Match names")}} if method == "get" else {}
            operation["responses"] = {**kept, **known, "4XX": {"$ref": "#/components/responses/Problem"}}
        told[path.removeprefix(f"{_TENANT}{PREFIX}")] = described
    return told


def _require(schemas: dict[str, Any], resources: Sequence[Resource]) -> None:
    """What a new record needs; of one that exists anything may be left as it is."""
    entered = [one for r in resources for one in (r.entered, *(deed.entered for deed in r.deeds)) if one is not None]
    for schema in entered:
        own = [described.name for described in schema.described if described.required]
        described_schema = schemas[schema.__name__]
        described_schema["required"] = [*described_schema.get("required", []), *own]
    changed = [resource.changed for resource in resources if resource.changed is not None]
    for schema in dict.fromkeys([*entered, *changed]):
        _shape(schemas[schema.__name__], schema.shape)
    for nested in dict.fromkeys(nested for schema in entered for nested in _nested(schema)):
        _shape(schemas[nested.__name__.removesuffix("Schema")], getattr(nested, "shape", {}))
    for name, schema_of in schemas.items():
        if name.endswith(("Entry", "Change")):
            schema_of["additionalProperties"] = False
            _leave_defaults_out(schema_of, is_change=name.endswith("Change"))


def _leave_defaults_out(schema: dict[str, Any], *, is_change: bool) -> None:
    """Of what is required there is none, and what a change does not name stays as it is."""
    for name, described in schema["properties"].items():
        if is_change or name in schema.get("required", ()):
            described.pop("default", None)


def _nested(schema: type[Schema]) -> list[type[Schema]]:
    found = [getattr(field, "inner", field) for field in schema._declared_fields.values()]
    return [type(field.schema) for field in found if isinstance(field, fields.Nested)]


def _shape(described: dict[str, Any], shape: Mapping[str, Any]) -> None:
    """What holds across fields, and of single ones what their description does not say."""
    for name, more in shape.get("properties", {}).items():
        described["properties"][name] |= more
    described |= {word: said for word, said in shape.items() if word != "properties"}


def _properties(_converter: Any, field: fields.Field[Any], **_options: Any) -> dict[str, Any]:
    """Of a described field: what its rules are."""
    described: Field | None = field.metadata.get("described")
    if field.metadata.get("kinds_of_record"):
        return {"enum": [entity.name for entity in entity_types]}
    if described is None:
        return {}
    found: dict[str, Any] = {"description": described.label, "maxLength": described.limit}
    if described.kind in _FORMATS:
        found["format"] = _FORMATS[described.kind]
    if described.options:
        found["enum"] = [*(str(value) for value, _ in described.options), *([] if described.required else [None])]
    if described.required:
        found |= {"type": "string", "minLength": 1} if described.options or described.kind in _FORMATS else WRITTEN
    return found
