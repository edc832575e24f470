"""A database that is silent, in the midst of a COMMIT or of a statement, holds nobody for ever."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from tenants import checkout, engines, hangs
from tenants.db import PLATFORM_BIND, db, platform_reading
from tests.firms import Firm
from tests.tenants.silence import Between, between


@pytest.fixture
def way(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> Iterator[Between]:
    """All that Acme does goes by way of it."""
    with acme.app.app_context():
        engine: Engine = db.engine
    with between(engine) as (found, detour):
        monkeypatch.setitem(db._app_engines[acme.app], None, detour)
        yield found


def test_a_commit_that_nobody_answers_ends(acme: Firm, way: Between, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "COMMIT_SECONDS", 0.5)
    began = time.monotonic()

    with pytest.raises(OperationalError), acme.work() as session:
        session.execute(text("SELECT 1"))
        way.is_silent.set()

    assert time.monotonic() - began < 30


def test_a_statement_that_nobody_answers_ends(acme: Firm, way: Between, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(checkout._LONGEST, "web", 0.5)

    with pytest.raises(OperationalError), acme.work() as session:
        session.execute(text("SELECT 1"))
        way.is_silent.set()
        session.execute(text("SELECT 2"))


def test_whoever_is_answered_is_left_alone(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(checkout._LONGEST, "web", 60.0)

    for _ in range(3):
        with acme.work() as session:
            session.execute(text("SELECT 1"))

    # Those that other tests have broken off are forgotten when their time is over.
    assert [one for one in hangs.watch._until if not one.closed] == []


def test_the_platforms_login_and_the_provisioner_wait_for_nothing_for_ever(acme: Firm) -> None:
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    with acme.app.app_context():
        db.engines[PLATFORM_BIND].dispose()
        with platform_reading() as session:
            platform = [session.scalar(text(f"SHOW {limit}")) for limit in limits]
    with engines.provisioner() as connection:
        provisioner = [connection.execute(f"SHOW {limit}".encode()).fetchone() for limit in limits]

    assert platform == ["1min", "5s", "1min"]
    assert provisioner == [("30min",), ("10min",), ("5min",)]


def test_there_is_a_connection_for_each_thread_and_a_dead_network_is_noticed(acme: Firm) -> None:
    with acme.app.app_context():
        for engine in db.engines.values():
            assert engine.pool.size() == 8  # type: ignore[attr-defined]
            with engine.connect() as connection:
                given = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
            assert given["tcp_user_timeout"] == "15000"
            assert given["keepalives_idle"] == "30"
