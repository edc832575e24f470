"""Browsers that have logged in to an account before: a signed cookie says so. It opens nothing; strangers who guess at
the account just do not slow its owner down there.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

import flask
from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from config.settings import settings
from tenants import guessing

COOKIE = "browser"
_LIFE = timedelta(days=365)
_MOST = 5
"""Accounts that one browser is known to, the last ones."""


def known_to(email: str) -> str:
    """Which browser this is, for the counters of an account that was logged in to here; empty for any other."""
    browser, accounts = _kept()
    return browser if guessing.account_hash(email) in accounts else ""


def remember(email: str) -> None:
    """From this answer on the browser is known to the account."""
    browser, accounts = _kept()
    account = guessing.account_hash(email)
    kept = [account, *(one for one in accounts if one != account)][:_MOST]
    value = _signer().dumps([browser or secrets.token_hex(16), kept])

    @flask.after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(COOKIE, value, max_age=_LIFE, secure=settings().https, httponly=True, samesite="Lax")
        return response


def _kept() -> tuple[str, list[str]]:
    try:
        browser, accounts = _signer().loads(request.cookies.get(COOKIE, ""), max_age=int(_LIFE.total_seconds()))
    except BadSignature:
        return "", []
    return browser, accounts


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().signing_keys, salt="known browser")
