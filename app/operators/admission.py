"""Who may see the console: operators, by a cookie of their own. No other cookie opens it, and it opens nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from zoneinfo import ZoneInfo

import flask
from flask import Response, g, request, url_for
from flask.typing import ResponseReturnValue

from app.core import access, callers, i18n
from app.core.i18n import Reader
from app.core.visitors import wanted_path
from app.core.web import Door
from config.settings import settings
from tenants import clock, logins, operator_sessions
from tenants.errors import NotAllowed
from tenants.logins import Told
from tenants.operators import Hand

COOKIE = "operator"
PATH = "/operator"
ZONE = ZoneInfo("UTC")
"""Tenants live in many zones; the console says all times in one."""


class OperatorRequired(NotAllowed):
    """Please log in as an operator first."""

    code = "operator_required"


class Console(Door):
    """Pages for operators."""

    def admit(self, allow: str) -> None:
        g.reader = Reader(i18n.locale(), ZONE, clock.now().astimezone(ZONE))
        if allow == access.OPERATOR:
            g.hand = _knock()


def _knock() -> Hand:
    """Raises OperatorRequired."""
    token = request.cookies.get(COOKIE)
    found = operator_sessions.hand(token, address=callers.address()) if token else None
    if found is None:
        raise OperatorRequired
    return found


def hand() -> Hand:
    """Of whoever asks."""
    found: Hand = g.hand
    return found


def own_logins() -> Sequence[Told]:
    """Of whoever asks, the newest first."""
    operator_id = hand().operator_id
    return logins.of_operator(operator_id) if operator_id else ()


def to_log_in(_refusal: OperatorRequired) -> ResponseReturnValue:
    return flask.redirect(url_for("operators.log_in", next=wanted_path()), HTTPStatus.SEE_OTHER)


_OWN_PATH = re.compile(rf"{PATH}(?:/[\w/-]*)?(?:\?[\w=&%+.-]*)?", re.ASCII)


def wanted() -> str | None:
    """Where they wanted to go: a place of the console, and nowhere else."""
    path = request.args.get("next", "")
    return path if _OWN_PATH.fullmatch(path) else None


def keep(response: Response, token: str) -> Response:
    """The browser sends it to the console alone, and with nothing that another site has begun."""
    life = operator_sessions.SESSION_LIFE
    response.set_cookie(
        COOKIE, token, max_age=life, path=PATH, secure=settings().https, httponly=True, samesite="Strict"
    )
    return response


def forget(response: Response) -> Response:
    token = request.cookies.get(COOKIE)
    if token:
        operator_sessions.log_out(token)
    response.delete_cookie(COOKIE, path=PATH, secure=settings().https, httponly=True, samesite="Strict")
    return response
