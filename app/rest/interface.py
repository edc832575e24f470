"""The blueprint of all addresses for programs: a token opens it, requests are bounded and counted for each token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, g, request
from flask_smorest import Blueprint

from app.core.limits import limiter
from app.core.web import Room, View
from tenants import clock

PREFIX = "/api/v1"
LIMIT = "600/minute"
LARGEST = 1 << 20
"""Bytes of one request."""


class Interface(Room, Blueprint):  # type: ignore[misc]
    by_token = True

    def route(self, rule: str, *, allow: str, **options: Any) -> Callable[[View], View]:
        guard = super().route(f"{PREFIX}{rule}", allow=allow, **options)
        return lambda view: guard(_counted(view))


def _counted(view: View) -> View:
    return limiter.shared_limit(LIMIT, scope="api", key_func=lambda: str(g.token_id))(view)  # type: ignore[no-any-return]


def bound() -> None:
    request.max_content_length = LARGEST


def say_limits(response: Response) -> Response:
    """How much of the token's limit is left; what is kept for a program is never kept by others."""
    response.headers["Cache-Control"] = "private, no-cache"
    present = limiter.current_limit
    if present is None:
        return response
    seconds = max(0, round(present.reset_at - clock.now().timestamp()))
    response.headers["RateLimit-Limit"] = str(present.limit.amount)
    response.headers["RateLimit-Remaining"] = str(max(0, present.remaining))
    response.headers["RateLimit-Reset"] = str(seconds)
    if present.breached:
        response.headers["Retry-After"] = str(seconds)
    return response
