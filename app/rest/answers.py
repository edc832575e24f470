"""What a program is answered: one record or a page of them. They are told as they were read: to pass each through its
schema once more would take as long as the rest of a page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from http import HTTPStatus
from typing import Any
from uuid import UUID

import flask
from flask import Response, url_for

from app.core.resources import Resource, Shown, told_moment
from app.rest import versions
from tenants.errors import NotFound


def one(resource: Resource, record_id: UUID, *, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Raises NotFound."""
    found = resource.read([record_id])
    if not found:
        raise NotFound
    answer = _answer(found[0].told, status=status)
    if status is HTTPStatus.CREATED:
        answer.headers["Location"] = url_for(f"api.{resource.name}_show", record_id=record_id)
    return versions.tagged(answer, version=found[0].version)


def all_of(resource: Resource, ids: Sequence[UUID]) -> Response:
    """These records, in this order, on one page."""
    found = {row.id: row.told for row in resource.read(ids)} if ids else {}
    return page([found[record_id] for record_id in ids if record_id in found], None)


def page(records: Sequence[str], following: str | None) -> Response:
    """Of records that the database has written as JSON."""
    return versions.tagged(_answer(f'{{"items":[{",".join(records)}],"next":{json.dumps(following)}}}'))


def listed(items: Sequence[Shown], following: str | None) -> Response:
    return versions.tagged(_told({"items": items, "next": following}))


def alone(content: Shown) -> Response:
    return versions.tagged(_told(content))


def nothing() -> Response:
    return Response(status=HTTPStatus.NO_CONTENT)


def _told(content: Mapping[str, Any]) -> Response:
    return _answer(json.dumps(content, default=_said, ensure_ascii=False, separators=(",", ":")))


def _answer(written: str, *, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return flask.current_app.response_class(written, status=status, mimetype="application/json")


def _said(value: object) -> str:
    """Moments are told in UTC."""
    match value:
        case UUID():
            return str(value)
        case datetime():
            return told_moment(value)
        case date() | time():
            return value.isoformat()
        case _:
            raise TypeError(f"{type(value).__name__} cannot be told as JSON.")
