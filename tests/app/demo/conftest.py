"""The demo, put up in the tests' own database and taken away again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.firms import Firm

SLUGS = ["nordlicht", "brightwater"]
BUILT = datetime(2026, 5, 16, 9, 0, tzinfo=UTC)
"""A Saturday."""


@pytest.fixture
def empty_house(house: Flask) -> Iterator[Flask]:
    """Nothing of the demo stands, before and afterwards."""
    erase()
    yield house
    erase()


@pytest.fixture(scope="module")
def nordlicht(house: Flask) -> Iterator[Firm]:
    from app.demo import actions

    erase()
    with house.app_context():
        actions.build(now=BUILT)
    yield visit(house, "nordlicht")
    erase()


@pytest.fixture(scope="module")
def brightwater(nordlicht: Firm) -> Firm:
    return visit(nordlicht.app, "brightwater")


def visit(house: Flask, slug: str) -> Firm:
    """The firm as its owner works in it."""
    from app.demo import firms, queries
    from tenants import identities

    told = next(firm for firm in firms.every_firm() if firm.slug == slug)
    with house.app_context():
        staff = queries.staff_of(told)
        assert staff is not None
        owner = staff.members[told.members[0].email]
        token = identities.open_session(owner.identity_id)
    return Firm(
        app=house,
        scope=staff.tenant.scope(),
        owner_id=owner.id,
        identity_id=owner.identity_id,
        token=token,
    )


def erase() -> None:
    from tenants import engines

    with engines.provisioner() as connection:
        rows = connection.execute("SELECT id, pg_schema FROM platform.tenants WHERE slug = ANY(%s)", [SLUGS]).fetchall()
        for tenant_id, pg_schema in rows:
            for table in ("signups", "subscriptions", "memberships"):
                connection.execute(f"DELETE FROM platform.{table} WHERE tenant_id = %s".encode(), [tenant_id])
            connection.execute("DELETE FROM platform.tenants WHERE id = %s", [tenant_id])
            connection.execute(f"DROP SCHEMA {pg_schema} CASCADE; DROP ROLE {pg_schema}".encode())
        connection.execute("DELETE FROM platform.signups WHERE slug = ANY(%s)", [SLUGS])
        for slug in SLUGS:
            found = "SELECT id FROM platform.identities WHERE email LIKE %s"
            mine = [f"%@{slug}.example"]
            connection.execute(f"DELETE FROM platform.sessions WHERE identity_id IN ({found})".encode(), mine)
            connection.execute(b"DELETE FROM platform.identities WHERE email LIKE %s", mine)
