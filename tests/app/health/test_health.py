from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from time import monotonic

import pytest
from flask import Flask

from config.settings import settings
from tenants import health, migrations
from tenants.health import SchemaTooOld
from tests.firms import Firm, counted_statements
from tests.programs import program
from tests.tenants.attacks import as_operator


def test_a_living_process_says_so_without_asking_anybody(app: Flask) -> None:
    with counted_statements(app) as statements:
        answer = app.test_client().get("/healthz")

    assert answer.json == {"alive": True}
    assert statements == []


def test_a_house_that_works_is_ready(app: Flask) -> None:
    answer = app.test_client().get("/readyz")

    assert answer.status_code == HTTPStatus.OK
    assert answer.json == {"ready": True, "database": "ok", "migrations": "ok", "redis": "ok"}


@contextmanager
def hanging_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Something accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        away = replace(settings(), redis_url=f"redis://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr(health, "settings", lambda: away)
        yield


def test_without_redis_it_is_ready_and_says_what_is_missing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with hanging_redis(monkeypatch):
        began = monotonic()
        answer = app.test_client().get("/readyz")
        took = monotonic() - began

    assert answer.status_code == HTTPStatus.OK
    assert answer.json is not None
    assert answer.json["missing"]
    assert {name: answer.json[name] for name in ("ready", "redis")} == {"ready": True, "redis": "failing"}
    assert took < 10


def test_a_program_that_is_newer_than_the_schema_is_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "head", lambda _tree: "9999")

    answer = app.test_client().get("/readyz")

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.json == {"ready": False, "database": "ok", "migrations": "failing", "redis": "ok"}
    with app.app_context(), pytest.raises(SchemaTooOld):
        health.refuse_old_schema()


@pytest.mark.parametrize(("remark", "ready"), [(None, True), ("not before 0001", True), ("not before 9998", False)])
def test_a_program_that_is_older_is_ready_as_long_as_it_fits(
    app: Flask, monkeypatch: pytest.MonkeyPatch, remark: str | None, ready: bool
) -> None:
    monkeypatch.setattr(health, "_revision", lambda: ("9999", remark))

    answer = app.test_client().get("/readyz")

    assert answer.json is not None
    assert answer.json["ready"] is ready


def test_what_an_incompatible_schema_says_is_read(app: Flask) -> None:
    as_operator("COMMENT ON TABLE platform.alembic_version IS 'not before 9999'")
    try:
        answer = app.test_client().get("/readyz")
    finally:
        as_operator("COMMENT ON TABLE platform.alembic_version IS NULL")

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE


def test_a_firm_whose_schema_is_older_is_told_so_and_no_other(acme: Firm, globex: Firm) -> None:
    def stand_at(revision: str) -> str:
        slug = acme.scope.slug
        was = as_operator("SELECT revision FROM platform.tenants WHERE slug = %(slug)s", slug=slug)[0][0]
        as_operator("UPDATE platform.tenants SET revision = %(to)s WHERE slug = %(slug)s", to=revision, slug=slug)
        return str(was)

    was, api = stand_at("0001"), program(acme)
    try:
        behind, other = acme.client().get(f"{acme.url}/contacts"), globex.client().get(f"{globex.url}/contacts")
        answer = api.get(f"{acme.url}/api/v1/contacts")
    finally:
        stand_at(was)

    assert (behind.status_code, answer.status_code, other.status_code) == (503, 503, 200)
    assert "Kontor is being updated for your firm" in behind.text
    assert behind.headers["Retry-After"] == "30"


def test_without_a_database_it_is_not_ready_but_answers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import create_engine

    from tenants import db

    away = create_engine("postgresql+psycopg://kontor@127.0.0.1:1/kontor", connect_args={"connect_timeout": 1})
    monkeypatch.setitem(db.db._app_engines[app], db.PLATFORM_BIND, away)

    answer = app.test_client().get("/readyz")

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.json == {"ready": False, "database": "failing", "migrations": "failing", "redis": "ok"}
