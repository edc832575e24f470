"""What a program is answered: one record or a page of them, as their schema shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any
from uuid import UUID

import flask
from flask import Response, url_for
from marshmallow import Schema

from app.core.resources import Resource
from app.rest import versions
from tenants.errors import NotFound


def one(resource: Resource, record_id: UUID, *, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Raises NotFound."""
    found = resource.read([record_id])
    if not found:
        raise NotFound
    answer = flask.jsonify(_schema(resource.shown).dump(found[0]))
    answer.status_code = status
    if status is HTTPStatus.CREATED:
        answer.headers["Location"] = url_for(f"api.{resource.name}_show", record_id=record_id)
    return versions.tagged(answer, version=found[0]["version"])


def page(resource: Resource, ids: Sequence[UUID], following: str | None) -> Response:
    found = {shown["id"]: shown for shown in resource.read(ids)} if ids else {}
    return listed(resource.shown, [found[record_id] for record_id in ids if record_id in found], following)


def listed(schema: type[Schema], items: Sequence[Mapping[str, Any]], following: str | None) -> Response:
    answer = flask.jsonify({"items": _schema(schema).dump(items, many=True), "next": following})
    return versions.tagged(answer)


def nothing() -> Response:
    return Response(status=HTTPStatus.NO_CONTENT)


@cache
def _schema(schema: type[Schema]) -> Schema:
    """Building one takes as long as showing a page."""
    return schema()
