"""A schema of its own for every firm: there whole or not at all, and never for two."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread
from time import sleep
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from tenants import engines


def claim(app: Flask, slug: str) -> str:
    from tenants import provisioning
    from tenants.db import platform_work

    with app.app_context(), platform_work() as session:
        return provisioning.claim(session, slug=slug, name=slug, locale="de").pg_schema


def one(query: str, *values: object) -> object:
    with engines.provisioner() as connection:
        row = connection.execute(query.encode(), values or None).fetchone()
    return row[0] if row else None


@pytest.fixture
def slug() -> str:
    return f"firm-{uuid4().hex[:8]}"


@pytest.fixture
def empty_stock(app: Flask) -> Iterator[None]:
    """What lies in stock is out of sight while the test runs."""
    hide = "UPDATE platform.tenants SET status = 'closed' WHERE status = 'stock' RETURNING id"
    with engines.provisioner() as connection:
        hidden = [row[0] for row in connection.execute(hide).fetchall()]
    yield
    with engines.provisioner() as connection:
        connection.execute("UPDATE platform.tenants SET status = 'stock' WHERE id = ANY(%s)", [hidden])


def test_a_firm_gets_a_ready_schema(app: Flask, slug: str) -> None:
    from tenants import provisioning

    provisioning.fill_stock()
    ready = one("SELECT count(*) FROM platform.tenants WHERE status = 'stock'")

    pg_schema = claim(app, slug)

    assert one("SELECT count(*) FROM platform.tenants WHERE status = 'stock'") == int(str(ready)) - 1
    assert one("SELECT status FROM platform.tenants WHERE pg_schema = %s", pg_schema) == "open"
    assert provisioning.fill_stock() >= 1


def test_two_firms_at_once_get_two_schemas(app: Flask) -> None:
    slugs = [f"twin-{uuid4().hex[:8]}" for _ in range(4)]
    together = Barrier(len(slugs))

    def arrive(slug: str) -> str:
        together.wait()
        return claim(app, slug)

    with ThreadPoolExecutor(len(slugs)) as people:
        schemas = list(people.map(arrive, slugs))

    assert len(set(schemas)) == len(slugs)


def test_an_address_belongs_to_one_firm(app: Flask, slug: str) -> None:
    from tenants.provisioning import SlugTaken

    claim(app, slug)

    with pytest.raises(SlugTaken):
        claim(app, slug)


@pytest.mark.usefixtures("empty_stock")
def test_without_a_stock_a_schema_is_made_at_once(app: Flask, slug: str) -> None:
    assert one("SELECT status FROM platform.tenants WHERE pg_schema = %s", claim(app, slug)) == "open"


@pytest.mark.usefixtures("empty_stock")
def test_a_schema_of_an_older_revision_is_not_handed_out(app: Flask, slug: str) -> None:
    from tenants import clock, provisioning

    with engines.provisioner() as connection:
        provisioning.make_ready(connection, at=clock.now())
        old = connection.execute(
            "UPDATE platform.tenants SET revision = '0001' WHERE status = 'stock' RETURNING pg_schema"
        ).fetchone()

    pg_schema = claim(app, slug)

    assert old is not None
    assert pg_schema != old[0]
    with engines.provisioner() as connection:
        connection.execute("UPDATE platform.tenants SET status = 'closed' WHERE pg_schema = %s", old)


def test_a_provisioning_that_is_cut_off_leaves_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants import clock, migrations, provisioning

    slow = migrations.compiled_for_new(migrations.TENANT_TREE) + "\nSELECT pg_sleep(30);"
    monkeypatch.setattr(migrations, "compiled_for_new", lambda _tree, *, until: slow)
    before = one("SELECT count(*) FROM pg_roles"), one("SELECT count(*) FROM pg_namespace")

    with engines.provisioner() as connection:
        cut = Thread(target=_cut_off, args=[connection.info.backend_pid])
        cut.start()
        with pytest.raises(psycopg.OperationalError):
            provisioning.make_ready(connection, at=clock.now())
        cut.join()

    assert (one("SELECT count(*) FROM pg_roles"), one("SELECT count(*) FROM pg_namespace")) == before


def _cut_off(backend: int) -> None:
    """Once everything is made and nothing is saved yet."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
    while one(waiting, backend) == 0:
        sleep(0.01)
    one("SELECT pg_terminate_backend(%s)", backend)


def test_preparing_the_database_again_changes_nothing(app: Flask) -> None:
    from tenants import fleet

    assert fleet.migrate().migrated == []
    assert fleet.is_current()
