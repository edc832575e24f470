"""Migrating all firms: a canary first; what cannot be migrated is left untouched, named, and done the next time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tenants import engines

HEAD = "9999"
STEP = """
CREATE TABLE __schema__.novelties (id uuid PRIMARY KEY);
ALTER TABLE __schema__.companies ADD COLUMN novelty text;
UPDATE __schema__.alembic_version SET version_num = '9999';
"""


@pytest.fixture
def fleet(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Six ready schemas, in the order in which they are migrated, and a revision that none of them has."""
    from tenants import clock, migrations, provisioning

    with engines.provisioner() as connection:
        behind = "SELECT pg_schema FROM platform.tenants WHERE status <> 'closed' ORDER BY id"
        others = [row[0] for row in connection.execute(behind).fetchall()]
        for _ in range(6):
            provisioning.make_ready(connection, at=clock.now())
        mine = [row[0] for row in connection.execute(behind).fetchall() if row[0] not in others]
        connection.execute("UPDATE platform.tenants SET revision = '9999' WHERE pg_schema = ANY(%s)", [others])
    head, compiled = migrations.head, migrations.compiled
    tenant = migrations.TENANT_TREE
    monkeypatch.setattr(migrations, "head", lambda tree: HEAD if tree == tenant else head(tree))
    monkeypatch.setattr(
        migrations, "compiled", lambda tree, *, since: STEP if tree == tenant else compiled(tree, since=since)
    )
    yield mine
    with engines.provisioner() as connection:
        connection.execute("UPDATE platform.tenants SET status = 'closed' WHERE pg_schema = ANY(%s)", [mine])
        connection.execute(
            "UPDATE platform.tenants SET revision = %s WHERE pg_schema = ANY(%s)", [head(tenant), others]
        )


def revisions(schemas: list[str]) -> list[str]:
    with engines.provisioner() as connection:
        rows = connection.execute("SELECT pg_schema, revision FROM platform.tenants").fetchall()
    found = {str(pg_schema): str(revision) for pg_schema, revision in rows}
    return [found[pg_schema] for pg_schema in schemas]


def novelties(schemas: list[str]) -> list[bool]:
    with engines.provisioner() as connection:
        asked = "SELECT to_regclass(%s) IS NOT NULL"
        return [bool(connection.execute(asked, [f"{one}.novelties"]).fetchone()[0]) for one in schemas]  # type: ignore[index]


def migrate() -> list[str]:
    from tenants import fleet as ships

    return sorted(ships.migrate().migrated)


def test_everything_that_is_behind_is_migrated_once(fleet: list[str]) -> None:
    assert migrate() == sorted(fleet)
    assert revisions(fleet) == [HEAD] * 6
    assert migrate() == []


def test_a_drifted_and_a_locked_schema_are_left_untouched_and_done_the_next_time(fleet: list[str]) -> None:
    from tenants.fleet import MigrationFailed

    drifted, locked = fleet[2], fleet[4]
    others = [one for one in fleet if one not in (drifted, locked)]
    with engines.provisioner(autocommit=False) as holder, engines.provisioner() as connection:
        connection.execute(f"ALTER TABLE {drifted}.companies ADD COLUMN novelty int".encode())
        holder.execute(f"LOCK TABLE {locked}.companies".encode())
        with pytest.raises(MigrationFailed) as failed:
            migrate()
        holder.rollback()

    assert drifted in str(failed.value)
    assert locked in str(failed.value)
    assert revisions(others) == [HEAD] * 4
    assert HEAD not in revisions([drifted, locked])
    assert novelties([drifted, locked]) == [False, False]
    assert "already exists" in error_of(drifted)
    assert "lock timeout" in error_of(locked)

    with engines.provisioner() as connection:
        connection.execute(f"ALTER TABLE {drifted}.companies DROP COLUMN novelty".encode())
    assert migrate() == sorted([drifted, locked])
    assert error_of(drifted) == "None"


def test_when_the_canary_dies_nobody_else_is_touched(fleet: list[str]) -> None:
    from tenants.fleet import MigrationFailed

    with engines.provisioner() as connection:
        connection.execute(f"ALTER TABLE {fleet[0]}.companies ADD COLUMN novelty int".encode())
        with pytest.raises(MigrationFailed):
            migrate()

    assert novelties(fleet) == [False] * 6
    with engines.provisioner() as connection:
        connection.execute(f"ALTER TABLE {fleet[0]}.companies DROP COLUMN novelty".encode())


def test_after_three_failures_the_rest_is_not_tried(fleet: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants import fleet as ships

    monkeypatch.setattr(ships, "THREADS", 1)
    broken, spared = fleet[1:4], fleet[4:]
    with engines.provisioner() as connection:
        for one in broken:
            connection.execute(f"ALTER TABLE {one}.companies ADD COLUMN novelty int".encode())
        with pytest.raises(ships.MigrationFailed):
            migrate()
        for one in broken:
            connection.execute(f"ALTER TABLE {one}.companies DROP COLUMN novelty".encode())

    assert novelties(fleet) == [True] + [False] * 5
    assert [error_of(one) for one in spared] == ["None", "None"]
    assert migrate() == sorted(fleet[1:])


def error_of(pg_schema: str) -> str:
    with engines.provisioner() as connection:
        row = connection.execute(
            "SELECT migration_error FROM platform.tenants WHERE pg_schema = %s", [pg_schema]
        ).fetchone()
    return str(row[0]) if row else ""
