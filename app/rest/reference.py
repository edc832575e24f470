"""The reference of the interface: as a document for programs, and as a page for the people who write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import flask
from flask import render_template
from flask.typing import ResponseReturnValue

from app.core.access import PUBLIC
from app.core.resources import Resource
from app.core.web import Door
from app.rest.document import document
from app.rest.examples import WEBHOOK
from app.rest.interface import AREAS, PREFIX, Interface


def door(resources: Sequence[Resource], bp: Interface) -> Door:
    made = Door("reference", __name__)

    @made.get(f"{PREFIX}/openapi.json", allow=PUBLIC)
    def openapi() -> ResponseReturnValue:
        return flask.jsonify(document(resources, bp))

    @made.get("/api-reference", allow=PUBLIC)
    def show() -> ResponseReturnValue:
        told, labels = document(resources, bp), {resource.name: resource.label for resource in resources}
        labels |= {name: label for name, (label, _) in AREAS.items()}
        groups = [(name, str(labels[name]), list(_operations(told, name))) for name in _tags(told)]
        line = request_line("kontor_…", told["servers"][0]["url"])
        return render_template("rest/reference.html", request_line=line, groups=groups, webhook=WEBHOOK)

    return made


def request_line(token: str, server: str) -> str:
    """With which one tries it out."""
    return f'curl -H "Authorization: Bearer {token}" {server}/contacts'


def _tags(told: Mapping[str, Any]) -> list[str]:
    found = [tag for path in told["paths"].values() for operation in path.values() for tag in operation["tags"]]
    return list(dict.fromkeys(found))


def _operations(told: Mapping[str, Any], tag: str) -> Any:
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield _operation(told, method.upper(), path, operation)


def _operation(told: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = _resolved(told, sent.get("schema", {}))
    required = schema.get("required", [])
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "summary": operation["summary"],
        "scope": operation["x-scope"],
        "parameters": [
            (one["name"], one["in"], _kind(one.get("schema", {})), one.get("description", ""))
            for one in operation["parameters"]
        ],
        "fields": [
            (name, _kind(described), described.get("description", ""), name in required)
            for name, described in schema.get("properties", {}).items()
        ],
        "example": flask.json.dumps(sent["example"], indent=2, ensure_ascii=False) if "example" in sent else "",
    }


def _resolved(told: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = told["components"]["schemas"][name] if name else schema
    return found


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"] if value is not None)
    kinds = schema.get("type", "object")
    kind = next((one for one in kinds if one != "null"), "") if isinstance(kinds, list) else kinds
    return str(schema.get("format", kind))
