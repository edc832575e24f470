"""SECRET_KEY is replaced while people work: nobody is logged out, and what was signed before is still taken."""

from __future__ import annotations

import os
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from flask import Flask
from itsdangerous import BadSignature, URLSafeTimedSerializer

from config.settings import settings
from tests.firms import Firm, Visitor

NEW = "the key that came after it and is as long as it has to be"
_TOKEN = "b" * 40


def house_with(monkeypatch: pytest.MonkeyPatch, *, key: str, former: str) -> Flask:
    """The product as a process that is started with these keys."""
    from app.core import cursors
    from app.factory import create_app
    from config import logs

    # Whoever logs has been told how, once for this process.
    monkeypatch.setattr(logs, "configure", lambda: None)
    monkeypatch.setenv("SECRET_KEY", key)
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", former)
    settings.cache_clear()
    cursors._signer.cache_clear()
    return create_app()


@pytest.fixture
def rotated(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """As after a rotation; what the tests know as the key is a former one."""
    from app.core import cursors
    from tenants.db import db

    house = house_with(monkeypatch, key=NEW, former=os.environ["SECRET_KEY"])
    yield house
    with house.app_context():
        for engine in db.engines.values():
            engine.dispose()
    monkeypatch.undo()
    settings.cache_clear()
    cursors._signer.cache_clear()


def visitor_of(firm: Firm, house: Flask) -> Visitor:
    """The owner's browser, whose cookie the house before has signed."""
    before = firm.client()
    with before.session_transaction() as session:
        session["csrf_token"] = _TOKEN
    cookie = before.get_cookie("kontor")
    assert cookie is not None
    visitor = Visitor(house)
    visitor.set_cookie("kontor", cookie.value)
    return visitor


def test_who_is_logged_in_stays_so(acme: Firm, rotated: Flask) -> None:
    assert visitor_of(acme, rotated).get(f"{acme.url}/contacts").status_code == HTTPStatus.OK


def test_a_form_that_was_open_is_still_taken(acme: Firm, rotated: Flask) -> None:
    opened = URLSafeTimedSerializer(settings().secret_key_fallbacks[0], salt="wtf-csrf-token")

    answer = rotated.test_client().post("/login", data={"email": "nobody@firm.example", "password": "x"})
    visitor = visitor_of(acme, rotated)
    taken = super(Visitor, visitor).open(
        f"{acme.url}/companies", method="POST", data={"name": "Nordlicht", "csrf_token": opened.dumps(_TOKEN)}
    )

    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert taken.status_code != HTTPStatus.BAD_REQUEST


def test_the_next_page_of_a_list_is_found_by_what_was_signed_before(app: Flask, rotated: Flask) -> None:
    from app.core import cursors

    written = cursors.URLSafeSerializer(settings().secret_key_fallbacks[0], salt="list cursor").dumps([1])

    assert cursors._signer().loads(written) == [1]


def test_what_an_unknown_key_has_signed_is_not_believed(rotated: Flask) -> None:
    from app.core import cursors

    forged = cursors.URLSafeSerializer("a key that somebody has made up for himself", salt="list cursor").dumps([1])

    with pytest.raises(BadSignature):
        cursors._signer().loads(forged)
