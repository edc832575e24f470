"""Refusals and failures as programs read them: problem documents (RFC 9457) for everything below an ``api`` address."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import flask
from flask import Response, g, has_request_context, request
from flask_babel import gettext

MIME = "application/problem+json"
_REALM = 'Bearer realm="Kontor"'
_PROGRAMS = re.compile(r"(?:/+[^/]+)?/+api(?:/.*)?", re.DOTALL)


def wanted() -> bool:
    """Whether it is a program that asks."""
    return has_request_context() and _PROGRAMS.fullmatch(request.path) is not None


def answer(status: HTTPStatus, text: str, *, code: str, **more: Any) -> Response:
    """``code`` stays the same in every language; ``errors`` says what is wrong where, and ``more`` what else a program
    can act on.
    """
    problem: dict[str, Any] = {
        "type": f"urn:kontor:problem:{code}",
        "title": text,
        "status": int(status),
        "code": code,
        "request": g.get("request_id", ""),
    }
    response = flask.current_app.response_class(flask.json.dumps(problem | more), status=status, mimetype=MIME)
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = _REALM
    return response


def scope_missing(scope: str, *, code: str) -> Response:
    """The same scope stands in the header (RFC 6750), where libraries for programs look for it."""
    text = gettext("This needs the scope “%(scope)s”: of the token, and allowed to its user.", scope=scope)
    response = answer(HTTPStatus.FORBIDDEN, text, code=code, scope=scope)
    response.headers["WWW-Authenticate"] = f'{_REALM}, error="insufficient_scope", scope="{scope}"'
    return response
