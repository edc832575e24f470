from __future__ import annotations

from http import HTTPStatus

import pytest
from flask import Flask
from redis import Redis

from tests.firms import counted_statements


def test_a_living_process_says_so_without_asking_anybody(app: Flask) -> None:
    with counted_statements(app) as statements:
        answer = app.test_client().get("/healthz")

    assert answer.json == {"alive": True}
    assert statements == []


def test_a_house_that_works_is_ready(app: Flask) -> None:
    answer = app.test_client().get("/readyz")

    assert answer.status_code == HTTPStatus.OK
    assert answer.json == {"ready": True, "database": "ok", "migrations": "ok", "redis": "ok"}


def test_it_says_what_is_missing_and_nothing_about_how_we_reach_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants import lanes, migrations

    nowhere = Redis(host="127.0.0.1", port=1, socket_connect_timeout=1)
    monkeypatch.setattr(lanes, "connection", lambda: nowhere)
    monkeypatch.setattr(migrations, "head", lambda _tree: "9999")

    answer = app.test_client().get("/readyz")

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.json == {"ready": False, "database": "ok", "migrations": "failing", "redis": "failing"}


def test_without_a_database_it_is_not_ready_but_answers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import create_engine

    from tenants import db

    away = create_engine("postgresql+psycopg://kontor@127.0.0.1:1/kontor", connect_args={"connect_timeout": 1})
    monkeypatch.setitem(db.db._app_engines[app], db.PLATFORM_BIND, away)

    answer = app.test_client().get("/readyz")

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.json == {"ready": False, "database": "failing", "migrations": "failing", "redis": "ok"}
