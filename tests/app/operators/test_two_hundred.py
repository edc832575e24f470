"""Two hundred firms: gathering, console, metrics and doctor take as many questions as with two, and seconds."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import pytest
from flask import Flask

from tenants import engines
from tests.firms import Visitor, counted_statements

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1800)]

FIRMS = 200


@pytest.fixture(scope="module")
def fleet(house: Flask) -> Iterator[list[str]]:
    """Their schemas; gone afterwards, so that what follows is not slower."""
    from tenants import clock, provisioning

    with engines.provisioner() as connection:
        known = "SELECT array_agg(pg_schema::text) FROM platform.tenants"
        before = connection.execute(known).fetchone()
        for _ in range(FIRMS):
            provisioning.make_ready(connection, at=clock.now())
        opened = connection.execute(
            "UPDATE platform.tenants SET status = 'open', name = 'Firm ' || pg_schema, opened_at = now(), "
            "slug = replace(pg_schema, '_', '-') WHERE pg_schema <> ALL(%s) RETURNING pg_schema",
            [before[0] if before else []],
        ).fetchall()
        made = [str(row[0]) for row in opened]
        yield made
        for schema in made:
            gone = f"DROP SCHEMA {schema} CASCADE; DROP OWNED BY {schema}; DROP ROLE {schema}"
            connection.execute(gone.encode())
        connection.execute(
            "DELETE FROM platform.tenant_figures WHERE tenant_id IN "
            "(SELECT id FROM platform.tenants WHERE pg_schema = ANY(%s))",
            [made],
        )
        connection.execute("DELETE FROM platform.tenants WHERE pg_schema = ANY(%s)", [made])


def test_they_are_gathered_within_the_minute_and_read_in_a_few_statements(
    fleet: list[str], app: Flask, olga: Visitor
) -> None:
    from app.health import exposition
    from app.operators import gathering

    with app.app_context():
        began = perf_counter()
        seen = gathering.gather()
        with counted_statements(app) as told:
            exposition.page()
    with counted_statements(app) as listed:
        olga.get("/operator")

    assert seen >= FIRMS
    assert perf_counter() - began < 60
    assert len(listed) == 2
    assert len(told) < 10


def test_the_doctor_examines_them_in_seconds_and_finds_the_one_that_differs(fleet: list[str], app: Flask) -> None:
    from tenants.doctor import comparison

    with engines.provisioner() as connection:
        began = perf_counter()
        unharmed = [finding for finding in comparison.examine(connection) if not finding.is_fine]
        took = perf_counter() - began
        connection.execute(f"DROP INDEX {fleet[100]}.ix_change_record_id_at_ord".encode())
        (finding,) = [finding for finding in comparison.examine(connection) if not finding.is_fine]

    assert unharmed == []
    assert took < 60
    assert fleet[100] in finding.sentence
