"""The blueprint of all addresses for programs: a token opens it, requests are bounded and counted for each token."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema

from app.core.fields import Text
from app.core.web import Room, View
from app.rest import allowance

PREFIX = "/api/v1"
LARGEST = 1 << 20
"""Bytes of one request."""

AREAS: Mapping[str, tuple[Text, Sequence[str]]] = {
    "changes": (_l("Changes"), ("export",)),
    "notifications": (_l("Notifications"), ("read", "mark")),
    "usage": (_l("Usage"), ("see",)),
}
"""What programs can ask for beside the resources: how addresses and scopes begin, how people call it, what for."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the description says of one operation, beside its address."""

    summary: Text
    answer: type[Schema] | None = None
    status: HTTPStatus = HTTPStatus.OK
    query: type[Schema] | None = None
    """Read strictly; the view is given what was asked as its first argument."""

    body: type[Schema] | None = None
    example: Mapping[str, Any] = field(default_factory=dict)
    headers: Sequence[Mapping[str, Any]] = ()


class Interface(Room, Blueprint):  # type: ignore[misc]
    by_token = True

    def route(self, rule: str, *, allow: str, **options: Any) -> Callable[[View], View]:  # type: ignore[override]
        told: Told = options.pop("told")
        guard = super().route(f"{PREFIX}{rule}", allow=allow, **options)
        return lambda view: guard(_counted(self._described(view, told)))

    def _described(self, view: View, told: Told) -> View:
        described = self.response(told.status, told.answer)(view if told.query is None else _asking(view, told.query))
        manual: dict[str, Any] = {"summary": told.summary, "parameters": list(told.headers)}
        if told.query is not None:
            manual["parameters"].append({"in": "query", "schema": told.query})
        if told.body is not None:
            content = {"schema": told.body, **({"example": dict(told.example)} if told.example else {})}
            manual["requestBody"] = {"required": True, "content": {"application/json": content}}
        made: View = self.doc(**manual)(described)
        return made


def _asking(view: View, query: type[Schema]) -> View:
    """The library's own reading of queries overlooks what it does not know."""
    schema = query()
    return lambda **named: view(schema.load(request.args.to_dict(), unknown=RAISE), **named)


def _counted(view: View) -> View:
    @wraps(view)
    def counted(**named: Any) -> ResponseReturnValue:
        allowance.use()
        return view(**named)

    return counted


def bound() -> None:
    request.max_content_length = LARGEST
