"""The database has no connection for us, stops what takes too long, or waits for somebody else: people are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tenants import checkout, engines
from tenants.db import db
from tests.firms import Firm, stranger
from tests.programs import program
from tests.records import add_contact
from tests.tenants.attacks import as_operator

BUSY = "Kontor is very busy at the moment."


@contextmanager
def no_connection_for(firm: Firm, *logins: str) -> Iterator[None]:
    """PostgreSQL answers as when all its connections are taken (SQLSTATE 53300)."""
    try:
        for login in logins:
            as_operator(f"ALTER ROLE {login} CONNECTION LIMIT 0")
        with firm.app.app_context():
            for engine in db.engines.values():
                engine.dispose()
        yield
    finally:
        for login in logins:
            as_operator(f"ALTER ROLE {login} CONNECTION LIMIT -1")


@pytest.mark.parametrize("login", ["kontor_app_main", "kontor_platform"])
def test_without_a_free_connection_pages_say_so_and_heal_by_themselves(acme: Firm, login: str) -> None:
    browser, client = acme.client(), program(acme)

    with no_connection_for(acme, login):
        page = browser.get(f"{acme.url}/contacts")
        answer = client.get(f"{acme.url}/api/v1/contacts")
        door = stranger(acme).get("/login")
    healed = browser.get(f"{acme.url}/contacts")

    assert (page.status_code, answer.status_code, healed.status_code) == (503, 503, 200)
    assert BUSY in page.text
    assert answer.json["code"] == "database_busy"
    assert page.headers["Retry-After"] == answer.headers["Retry-After"] == "5"
    assert door.status_code in {200, 503}


@contextmanager
def changed_by_somebody(firm: Firm, contact_id: object) -> Iterator[None]:
    with engines.provisioner(autocommit=False) as connection:
        connection.execute(
            f"SELECT FROM {firm.scope.pg_schema}.contacts WHERE id = %s FOR UPDATE".encode(), [contact_id]
        )
        yield
        connection.rollback()


@pytest.mark.parametrize(
    ("milliseconds", "status", "words"),
    [(200, 503, "This took so long that it was stopped."), (60_000, 409, "Somebody is changing the same")],
)
def test_what_takes_too_long_is_said_in_words(
    acme: Firm, monkeypatch: pytest.MonkeyPatch, milliseconds: int, status: int, words: str
) -> None:
    contact_id = add_contact(acme)
    monkeypatch.setitem(checkout._STATEMENT_MS, "web", milliseconds)

    with changed_by_somebody(acme, contact_id):
        answer = acme.client().post(f"{acme.url}/contacts/{contact_id}/delete")

    assert answer.status_code == status
    assert words in answer.text
    assert acme.client().get(f"{acme.url}/contacts/{contact_id}").status_code == 200
