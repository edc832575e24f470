"""Refusals and failures as programs read them: problem documents (RFC 9457) for everything below an ``api`` address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import flask
from flask import Response, g, has_request_context, request

MIME = "application/problem+json"
_PROGRAMS = re.compile(r"(?:/[^/]+)?/api(?:/.*)?")


def wanted() -> bool:
    """Whether it is a program that asks."""
    return has_request_context() and _PROGRAMS.fullmatch(request.path) is not None


def answer(status: HTTPStatus, text: str, *, code: str, fields: Mapping[str, Any] | None = None) -> Response:
    """``code`` stays the same in every language; ``fields`` says what is wrong where."""
    problem: dict[str, Any] = {
        "type": f"urn:kontor:problem:{code}",
        "title": text,
        "status": int(status),
        "code": code,
        "request": g.get("request_id", ""),
    }
    if fields:
        problem["errors"] = fields
    response = flask.current_app.response_class(flask.json.dumps(problem), status=status, mimetype=MIME)
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Kontor"'
    return response
