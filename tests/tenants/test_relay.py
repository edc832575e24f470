"""The relay sleeps while nobody writes, and whoever writes wakes it up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from tests.app.schedule.processes import until
from tests.firms import Firm
from tests.records import add_contact

LONG = 30.0
"""Seconds; a test that waits for the end of a sleep has failed."""


@pytest.fixture
def quiet(acme: Firm) -> Firm:
    """Nobody has anything left to forward, and no worker has been told to."""
    from tenants import lanes
    from tests.forwarding import forward

    with acme.app.app_context():
        lanes.worker().work(burst=True, logging_level="CRITICAL")
    forward(acme.app)
    return acme


@pytest.fixture
def relay() -> Iterator[Any]:
    from tenants.relay import Relay

    with closing(Relay()) as made:
        yield made


@contextmanager
def _asleep(firm: Firm, relay: Any) -> Iterator[Future[int]]:
    """It looks, and finds nothing yet."""

    def look() -> int:
        with firm.app.app_context():
            return int(relay.look())

    with ThreadPoolExecutor(1) as beside:
        answer = beside.submit(look)
        until(lambda: _is_asleep(firm))
        yield answer


def _is_asleep(firm: Firm) -> bool:
    return bool(_asked(firm, "SELECT is_asleep FROM platform.relay"))


def _asked(firm: Firm, question: str) -> Any:
    from tenants.db import platform_reading

    with firm.app.app_context(), platform_reading() as session:
        return session.scalar(text(question))


def test_who_writes_wakes_the_relay_up(quiet: Firm, relay: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.relay._SLEEP_SECONDS", LONG)

    with _asleep(quiet, relay) as answer:
        began = time.monotonic()
        add_contact(quiet)

        assert answer.result(LONG) == 1
    assert time.monotonic() - began < LONG / 2
    assert not _is_asleep(quiet)


def test_while_people_write_nobody_is_woken_up(quiet: Firm, relay: Any) -> None:
    """A word with each commit would make all others wait for it."""
    from tenants import engines

    heard = list[object]()
    add_contact(quiet)
    with quiet.app.app_context():
        assert relay.look() == 1
        url = engines.direct_url().set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as ears:
        ears.execute("LISTEN kontor_relay")
        for _ in range(3):
            add_contact(quiet)
        heard += ears.notifies(timeout=0.2)

    assert heard == []


def test_what_is_due_is_found_without_a_word(quiet: Firm, relay: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where only a pooler is reached, through which nobody hears anything."""
    from tenants.db import platform_work

    monkeypatch.setattr("tenants.relay._SLEEP_SECONDS", 1.0)
    with _asleep(quiet, relay) as answer, quiet.app.app_context(), platform_work() as session:
        due = text("UPDATE platform.tenants SET next_due_at = now() WHERE id = :id")
        session.execute(due, {"id": quiet.scope.tenant_id})

        session.commit()
        assert answer.result(LONG) == 1


def test_a_relay_whose_connection_was_cut_listens_again(
    quiet: Firm, relay: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tenants.attacks import as_operator

    monkeypatch.setattr("tenants.relay._SLEEP_SECONDS", LONG)
    with _asleep(quiet, relay) as answer:
        as_operator("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        with pytest.raises(psycopg.OperationalError):
            answer.result(LONG)

    with _asleep(quiet, relay) as answer:
        add_contact(quiet)

        assert answer.result(LONG) == 1
