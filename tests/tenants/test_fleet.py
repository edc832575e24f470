"""Migrating all firms: a canary first; what cannot be migrated is left untouched, named, and done the next time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Timer

import pytest
from flask import Flask

from migrations.steps import Step, concurrently, in_batches
from tenants import engines
from tenants.migrations import Stage
from tests.commands import Kontor
from tests.firms import Firm

HEAD = "9999"
STEP = """
CREATE TABLE __schema__.novelties (id uuid PRIMARY KEY);
ALTER TABLE __schema__.companies ADD COLUMN novelty text;
UPDATE __schema__.alembic_version SET version_num = '9999';
"""


@pytest.fixture
def fleet(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Six ready schemas, in the order in which they are migrated, and a revision that none of them has."""
    from tenants import clock, migrating, migrations, provisioning

    with engines.provisioner() as connection:
        behind = "SELECT pg_schema FROM platform.tenants WHERE status <> 'closed' ORDER BY id"
        others = [row[0] for row in connection.execute(behind).fetchall()]
        for _ in range(6):
            provisioning.make_ready(connection, at=clock.now())
        mine = [row[0] for row in connection.execute(behind).fetchall() if row[0] not in others]
        connection.execute("UPDATE platform.tenants SET revision = '9999' WHERE pg_schema = ANY(%s)", [others])
    head = migrations.head
    tenant = migrations.TENANT_TREE
    monkeypatch.setattr(migrations, "head", lambda tree: HEAD if tree == tenant else head(tree))
    monkeypatch.setattr(migrating, "PAUSES", (0.01, 0.01))
    travel(monkeypatch, STEP)
    yield mine
    with engines.provisioner() as connection:
        connection.execute(
            "UPDATE platform.tenants SET status = 'closed', canary = false WHERE pg_schema = ANY(%s)", [mine]
        )
        connection.execute(
            "UPDATE platform.tenants SET revision = %s WHERE pg_schema = ANY(%s)", [head(tenant), others]
        )


def travel(monkeypatch: pytest.MonkeyPatch, sql: str, *afterwards: Step) -> None:
    """This is all the way there is to the new revision."""
    from tenants import migrations

    stages, tenant = migrations.stages, migrations.TENANT_TREE
    only = (Stage(until=HEAD, sql=sql, afterwards=afterwards),)
    monkeypatch.setattr(
        migrations,
        "stages",
        lambda tree, *, since, until=None: only if tree == tenant else stages(tree, since=since, until=until),
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


def name_it(pg_schema: str, *, slug: str, name: str, canary: bool = False) -> None:
    with engines.provisioner() as connection:
        said = "UPDATE platform.tenants SET slug = %s, name = %s, canary = %s WHERE pg_schema = %s"
        connection.execute(said, [slug, name, canary, pg_schema])


def spoil(pg_schema: str) -> None:
    """The migration will find there what it is to make."""
    with engines.provisioner() as connection:
        connection.execute(f"ALTER TABLE {pg_schema}.companies ADD COLUMN novelty int".encode())


def mend(pg_schema: str) -> None:
    with engines.provisioner() as connection:
        connection.execute(f"ALTER TABLE {pg_schema}.companies DROP COLUMN novelty".encode())


def test_progress_and_errors_name_the_firm_beside_its_schema(fleet: list[str]) -> None:
    from tenants import fleet as ships

    name_it(fleet[1], slug="werft-1", name="Werft Nord")
    name_it(fleet[2], slug="werft-2", name="Werft Süd")
    spoil(fleet[2])
    lines: list[str] = []

    with pytest.raises(ships.MigrationFailed) as failed:
        ships.migrate(tell=lines.append)

    mend(fleet[2])
    assert lines[0] == f"1 of 6: {fleet[0]} (in stock)"
    assert [one for one in lines if one.endswith(f" of 6: Werft Nord (werft-1, {fleet[1]})")]
    assert [one for one in lines if one.startswith(f"Failed: Werft Süd (werft-2, {fleet[2]}): column")]
    assert str(failed.value).startswith(f"1 of 6 were not migrated: Werft Süd (werft-2, {fleet[2]}): column")
    assert "\n" not in str(failed.value)


def test_chosen_canaries_go_first_and_when_one_dies_nobody_else_is_touched(fleet: list[str]) -> None:
    from tenants.fleet import MigrationFailed

    name_it(fleet[3], slug="canary-3", name="Canary", canary=True)
    name_it(fleet[5], slug="canary-5", name="Canary", canary=True)
    spoil(fleet[5])

    with pytest.raises(MigrationFailed, match=r"canary-5.*4 more were not tried"):
        migrate()

    mend(fleet[5])
    assert novelties(fleet) == [False, False, False, True, False, False]
    assert migrate() == sorted([*fleet[:3], *fleet[4:]])


def test_a_lock_that_goes_in_time_is_waited_for(fleet: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants import migrating

    monkeypatch.setattr(migrating, "PAUSES", (0.5,) * 40)
    with engines.provisioner(autocommit=False) as holder:
        holder.execute(f"LOCK TABLE {fleet[4]}.companies".encode())
        leave = Timer(5, holder.rollback)
        leave.start()
        migrated = migrate()
        leave.join()

    assert migrated == sorted(fleet)
    assert error_of(fleet[4]) == "None"


def test_who_interrupts_leaves_each_schema_whole_and_the_next_time_does_the_rest(
    fleet: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenants import fleet as ships

    monkeypatch.setattr(ships, "THREADS", 1)

    def interrupt(line: str) -> None:
        if line.startswith("3 of 6"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ships.migrate(tell=interrupt)

    assert novelties(fleet) == [revision == HEAD for revision in revisions(fleet)]
    done = revisions(fleet).count(HEAD)
    assert 3 <= done <= 4
    assert len(migrate()) == 6 - done


STEPS = (
    concurrently("ix_companies_novelty", on="companies (novelty)"),
    in_batches(
        "UPDATE companies SET novelty = 'old' WHERE id IN (SELECT id FROM companies WHERE novelty IS NULL LIMIT 2)"
    ),
)


def test_an_index_is_made_beside_work_and_rows_are_filled_in_batches(
    fleet: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    travel(monkeypatch, STEP, *STEPS)
    add_companies(fleet[0], 5)

    migrate()

    assert companies(fleet[0]) == [("old", 5)]
    assert index_is_valid(fleet[0])
    with engines.provisioner() as connection:
        batches = f"SELECT count(DISTINCT xid) FROM {fleet[0]}.change WHERE op = 'U'"
        assert connection.execute(batches.encode()).fetchone() == (3,)
    assert revisions(fleet) == [HEAD] * 6


def test_steps_that_were_interrupted_go_on_where_they_stopped(
    fleet: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenants.fleet import MigrationFailed

    travel(monkeypatch, STEP, STEPS[0], in_batches("UPDATE companies SET nothing = 1"))
    add_companies(fleet[0], 1)
    with pytest.raises(MigrationFailed, match="nothing"):
        migrate()
    half = (index_is_valid(fleet[0]), revisions(fleet)[0] == HEAD, novelties(fleet))

    travel(monkeypatch, "SELECT 1 / 0;", concurrently("ix_no", on="nowhere (no)"), STEPS[1])
    with engines.provisioner() as connection:
        connection.execute("UPDATE platform.tenants SET revision = %s WHERE pg_schema = ANY(%s)", [HEAD, fleet[1:]])
    migrate()

    assert half == (True, False, [True] + [False] * 5)
    assert companies(fleet[0]) == [("old", 1)]
    assert revisions(fleet)[0] == HEAD


def add_companies(pg_schema: str, number: int) -> None:
    with engines.provisioner() as connection:
        wanted = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attnotnull"
        rows = connection.execute(f"{wanted} AND NOT atthasdef".encode(), [f"{pg_schema}.companies"]).fetchall()
        values = {"id": "gen_random_uuid()", "created_at": "now()", "updated_at": "now()", "version": "1"}
        columns = [str(row[0]) for row in rows]
        made = ", ".join(values.get(column, "''") for column in columns)
        insert = f"INSERT INTO {pg_schema}.companies ({', '.join(columns)}) SELECT {made}"
        connection.execute(f"{insert} FROM generate_series(1, {number})".encode())


def companies(pg_schema: str) -> list[tuple[str, int]]:
    with engines.provisioner() as connection:
        query = f"SELECT novelty, count(*) FROM {pg_schema}.companies GROUP BY 1"
        return [(str(row[0]), int(row[1])) for row in connection.execute(query.encode()).fetchall()]


def index_is_valid(pg_schema: str) -> bool:
    with engines.provisioner() as connection:
        query = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"
        row = connection.execute(query, [f"{pg_schema}.ix_companies_novelty"]).fetchone()
    return bool(row and row[0])


def test_a_new_schema_gets_at_once_what_others_get_beside_work(monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants import migrations

    monkeypatch.setattr(
        migrations,
        "stages",
        lambda tree, *, since, until: (
            Stage(until="1", sql="A;", afterwards=STEPS),
            Stage(until="2", sql="B;", afterwards=()),
        ),
    )

    assert migrations.compiled_for_new("tenant") == "A;CREATE INDEX ix_companies_novelty ON companies (novelty);\nB;"


def test_a_stage_ends_where_a_file_declares_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants import migrations

    tenant = migrations.TENANT_TREE
    script = migrations.scripts(tenant).get_revision("0012")
    monkeypatch.setattr(script.module, "afterwards", STEPS, raising=False)
    migrations.stages.cache_clear()
    try:
        stages = migrations.stages(tenant, since="0010")
        rest = migrations.stages(tenant, since="0012")
    finally:
        migrations.stages.cache_clear()

    assert [stage.until for stage in stages] == ["0012", migrations.head(tenant)]
    assert [stage.afterwards for stage in stages] == [STEPS, ()]
    assert "".join(stage.sql for stage in stages).count("SET version_num") == int(migrations.head(tenant)) - 10
    assert rest == stages[1:]


def test_canaries_are_chosen_by_hand(kontor: Kontor, acme: Firm) -> None:
    def chosen() -> bool:
        with engines.provisioner() as connection:
            row = connection.execute("SELECT canary FROM platform.tenants WHERE slug = 'acme'").fetchone()
        return bool(row and row[0])

    first = kontor("tenants", "canary", "acme", "on")
    was = chosen()
    after = kontor("tenants", "canary", "acme", "off", "--json")
    nobody = kontor("tenants", "canary", "nobody", "on")

    assert (first.stdout, was) == ("acme is migrated first.\n", True)
    assert (json.loads(after.stdout), chosen()) == ({"slug": "acme", "canary": False}, False)
    assert nobody.stderr == "Error: There is no account at this address.\n"


def error_of(pg_schema: str) -> str:
    with engines.provisioner() as connection:
        row = connection.execute(
            "SELECT migration_error FROM platform.tenants WHERE pg_schema = %s", [pg_schema]
        ).fetchone()
    return str(row[0]) if row else ""
