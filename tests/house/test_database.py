"""The database is what the models say, and every table of a tenant is watched."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import MetaData, NullPool, create_engine

from tests.firms import Firm
from tests.house.sources import name, python_files
from tests.house.test_packages import imported

UNMODELLED = {"alembic_version", "outbox", "relay", "clock_offset"}
"""Alembic's own table, the insert-only hints, who sleeps until one comes, and the travelling clock of tests."""


def differences(metadata: MetaData, pg_schema: str, *, named: bool) -> list[Any]:
    """What a migration would still have to do; ``named``: the models name the schema themselves."""
    from tenants import engines

    # Alembic calls the first schema of the path by no name, as the models of a tenant do.
    path = "public" if named else f"{pg_schema}, ext"
    wanted = pg_schema if named else None
    engine = create_engine("postgresql+psycopg://", creator=engines.provisioner, poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET search_path = {path}")
        connection.dialect.default_schema_name = path.partition(",")[0]
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": named,
                "include_name": lambda name, kind, _parents: kind != "schema" or name == wanted,
                "include_object": lambda _o, name, kind, _reflected, _other: kind != "table" or name not in UNMODELLED,
                "compare_type": True,
                "compare_server_default": False,
            },
        )
        found = compare_metadata(context, metadata)
    return list(found)


@pytest.mark.filterwarnings("ignore:Did not recognize type:sqlalchemy.exc.SAWarning")
def test_a_tenants_schema_is_what_the_models_say(acme: Firm) -> None:
    from tenants.db import TenantModel

    assert differences(TenantModel.metadata, acme.scope.pg_schema, named=False) == []


def test_the_platform_is_what_the_models_say(app: Flask) -> None:
    from tenants.db import PlatformModel

    assert differences(PlatformModel.metadata, "platform", named=True) == []


def test_every_tenant_table_is_watched_or_excused_with_a_reason(acme: Firm) -> None:
    from tenants import engines
    from tenants.changes import TRIGGERS
    from tenants.db import TenantModel

    with engines.provisioner() as connection:
        rows = connection.execute(
            "SELECT c.relname, t.tgname FROM pg_class c "
            "LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal "
            "WHERE c.relkind = 'r' AND c.relnamespace = to_regnamespace(%s)",
            [acme.scope.pg_schema],
        ).fetchall()
    watched: dict[str, set[str]] = {}
    for table, trigger in rows:
        watched.setdefault(table, set()).update({trigger} - {None})
    excused = {t.name: t.info["unrecorded"] for t in TenantModel.metadata.tables.values() if "unrecorded" in t.info}

    unwatched = {table for table, triggers in watched.items() if triggers != set(TRIGGERS)}
    assert unwatched == {*excused, "alembic_version"}
    assert all(len(reason.split()) > 3 for reason in excused.values())


def test_the_journal_knows_which_columns_hold_json(acme: Firm) -> None:
    """It leaves out what is empty, but never inside of JSON that somebody stored."""
    from tenants import engines

    with engines.provisioner() as connection:
        rows = connection.execute(
            "SELECT c.relname, array_agg(DISTINCT encode(t.tgargs, 'escape')), array(SELECT attname::text "
            "FROM pg_attribute WHERE attrelid = c.oid AND atttypid IN ('json'::regtype, 'jsonb'::regtype)) "
            "FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal "
            "WHERE c.relnamespace = to_regnamespace(%s) GROUP BY c.oid, c.relname",
            [acme.scope.pg_schema],
        ).fetchall()
    given = {table: sorted(arguments) for table, arguments, _ in rows}
    wanted = {
        table: ["\\000".join([table, *([" ".join(columns)] if columns else []), ""])] for table, _, columns in rows
    }

    assert given == wanted
    assert "imports" in given


@pytest.mark.parametrize("tree", ["platform", "tenant"])
def test_migrations_are_numbered_without_gaps_and_have_one_head(tree: str) -> None:
    from tenants import migrations

    scripts = migrations.scripts(tree)
    steps = [step.revision for step in reversed(list(scripts.walk_revisions()))]

    assert steps == [f"{number:04}" for number in range(1, len(steps) + 1)]
    assert scripts.get_heads() == [migrations.head(tree)]


@pytest.mark.parametrize("tree", ["platform", "tenant"])
def test_compiled_migrations_name_no_schema_of_their_own(tree: str) -> None:
    from tenants import migrations

    compiled = migrations.compiled(tree, since="base").replace("__schema__", "t_0000")

    assert "__schema__" not in compiled
    assert "%(" not in compiled


def test_migrations_call_no_code_that_may_change() -> None:
    """What a migration did yesterday it does in ten years, for a schema that was restored from an old backup."""
    files = python_files("migrations")

    foreign = {
        f"{name(path)}: {module}"
        for path in files
        for module in imported(path)
        if module not in {"alembic", "sqlalchemy", "migrations", "__future__", "collections", "dataclasses"}
    }

    assert len(files) > 20
    assert foreign == set()


def test_the_platform_is_migrated_in_transactions_alone() -> None:
    from tenants import migrations

    stages = migrations.stages(migrations.PLATFORM_TREE, since="base")

    assert [stage.until for stage in stages if stage.afterwards] == []


def test_the_journal_leaves_out_what_the_program_calls_derived() -> None:
    from migrations import journal
    from tenants.changes import DERIVED

    assert f"'{{{','.join(DERIVED)}}}'::text[]" in journal.journal_functions()
