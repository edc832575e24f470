"""What is done for every firm while the schema of one is broken, or locked by somebody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select, text

from app.exports import upkeep as exports
from app.imports import upkeep as imports
from app.operators import gathering
from app.rest import repeats
from app.subscription import counting
from app.webhooks import upkeep as webhooks
from billing import totals
from billing.models import Meter
from tenants import clock, engines, isolation, jobs, lanes, lost_hints, relay
from tenants.db import platform_reading
from tenants.figures import TenantFigures
from tenants.jobs import Job
from tests.firms import Firm
from tests.tenants.attacks import inside
from tests.tenants.test_jobs import note

SECONDS = 20


@pytest.fixture(autouse=True)
def _empty(acme: Firm) -> None:
    with lanes.connection() as redis:
        redis.flushdb()


@contextmanager
def without(firm: Firm, table: str) -> Iterator[None]:
    """As after a migration that went wrong."""
    schema = firm.scope.pg_schema
    with engines.provisioner() as sql:
        sql.execute(f"ALTER TABLE {schema}.{table} RENAME TO {table}_lost")
        try:
            yield
        finally:
            sql.execute(f"ALTER TABLE {schema}.{table}_lost RENAME TO {table}")


@contextmanager
def locked(firm: Firm, table: str) -> Iterator[None]:
    """As by somebody who looks into it by hand and went to lunch."""
    with engines.provisioner(autocommit=False) as sql:
        sql.execute(f"LOCK TABLE {firm.scope.pg_schema}.{table} IN ACCESS EXCLUSIVE MODE")
        yield
        sql.rollback()


def put_off_long_ago(firm: Firm) -> None:
    with firm.work():
        jobs.later(note, word="late")
    with firm.work() as session:
        session.execute(text("UPDATE jobs SET due_at = due_at - interval '1 hour'"))
    with lanes.connection() as redis:
        redis.flushdb()


UPKEEP: list[tuple[Callable[[], object], str, str]] = [
    (lost_hints.sweep, "jobs", "lost hints"),
    (lost_hints.sweep_all, "jobs", "due jobs"),
    (relay.sweep, "unrouted", "unmarked changes"),
    (counting.count_everywhere, "contacts", "usage"),
    (gathering.gather, "deliveries", "figures of tenants"),
    (imports.forget_lists_everywhere, "imports", "kept lists"),
    (exports.forget_files_everywhere, "exports", "kept exports"),
    (repeats.forget_everywhere, "kept_answers", "kept answers"),
    (webhooks.forget_messages_everywhere, "deliveries", "kept messages"),
]


@pytest.mark.parametrize(("work", "table", "name"), UPKEEP, ids=[name for *_, name in UPKEEP])
def test_a_firm_whose_schema_is_broken_fails_alone_and_is_counted(
    acme: Firm, globex: Firm, work: Callable[[], object], table: str, name: str
) -> None:
    put_off_long_ago(acme)
    put_off_long_ago(globex)

    with acme.app.app_context(), without(acme, table):
        work()

    assert isolation.failures() == {name: 1}


@pytest.mark.parametrize("trouble", [without, locked])
def test_jobs_of_others_are_found_again(
    acme: Firm, globex: Firm, trouble: Callable[[Firm, str], contextmanager[None]]
) -> None:
    put_off_long_ago(acme)
    put_off_long_ago(globex)

    with acme.app.app_context(), trouble(acme, "jobs"):
        began = clock.stopwatch()
        marked, all_of_them = lost_hints.sweep(), lanes.queue(lanes.Lane.JOBS).count
        seconds = clock.stopwatch() - began
        lanes.worker().work(burst=True, logging_level="CRITICAL")

    assert (marked, all_of_them) == (1, 1)
    assert seconds < SECONDS
    with inside(globex) as session:
        assert session.scalars(select(Job.state)).all() == ["done"]


@pytest.mark.parametrize("trouble", [without, locked])
def test_others_are_counted_and_looked_at(
    acme: Firm, globex: Firm, trouble: Callable[[Firm, str], contextmanager[None]]
) -> None:
    with acme.app.app_context(), trouble(acme, "contacts"):
        counting.count_everywhere()
    with acme.app.app_context(), trouble(acme, "jobs"):
        gathering.gather()

    with acme.app.app_context(), platform_reading() as session:
        counted = totals.levels([globex.scope.tenant_id])[globex.scope.tenant_id]
        looked_at = set(session.scalars(select(TenantFigures.tenant_id)))
    assert counted[Meter.RECORDS] is not None
    assert {acme.scope.tenant_id, globex.scope.tenant_id} <= looked_at
