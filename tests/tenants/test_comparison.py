"""Schemas are harmed in a transaction that is taken back; the doctor names it, and what he says mends it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from tenants import engines
from tenants.doctor.findings import Finding
from tests.commands import Kontor
from tests.firms import Firm

INDEX = "ix_change_record_id_at_ord"


@pytest.fixture
def operator(app: Flask) -> Iterator[psycopg.Connection]:
    with engines.provisioner(autocommit=False) as connection:
        yield connection
        connection.rollback()


def differing(connection: psycopg.Connection) -> list[Finding]:
    from tenants.doctor import comparison

    return [finding for finding in comparison.examine(connection) if not finding.is_fine]


class Drift(NamedTuple):
    statement: str
    sentence: str
    remedy: str


DRIFTS = [
    Drift(
        f"DROP INDEX {{schema}}.{INDEX}",
        f"Missing in {{firm}}: the index change.{INDEX}.",
        f"CREATE INDEX {INDEX} ON {{schema}}.change",
    ),
    Drift(
        f"DROP INDEX {{schema}}.{INDEX}; CREATE INDEX {INDEX} ON {{schema}}.change (at)",
        f"Different in {{firm}}: the index change.{INDEX} is “CREATE INDEX {INDEX} ON change USING btree (at)” instead",
        f"DROP INDEX {{schema}}.{INDEX}; CREATE INDEX",
    ),
    Drift(
        "CREATE INDEX ix_own ON {schema}.change (at)",
        "Not ours in {firm}: the index change.ix_own.",
        "DROP INDEX {schema}.ix_own;",
    ),
    Drift(
        "ALTER TABLE {schema}.companies ALTER COLUMN name DROP NOT NULL",
        "Different in {firm}: the column companies.name is “character varying” instead of “character varying NOT NULL”",
        "ALTER TABLE {schema}.companies ALTER COLUMN name SET NOT NULL;",
    ),
    Drift(
        "ALTER TABLE {schema}.jobs ALTER COLUMN attempts TYPE bigint, ALTER COLUMN attempts SET DEFAULT 7",
        "Different in {firm}: the column jobs.attempts is “bigint DEFAULT",
        "ALTER TABLE {schema}.jobs ALTER COLUMN attempts TYPE integer, ALTER COLUMN attempts ",
    ),
    Drift(
        "ALTER TABLE {schema}.companies ADD COLUMN novelty text",
        "Not ours in {firm}: the column companies.novelty.",
        "-- Holds what people entered, so look first: ALTER TABLE {schema}.companies DROP COLUMN novelty;",
    ),
    Drift(
        "ALTER TABLE {schema}.users DROP COLUMN active",
        "Missing in {firm}: the column users.active.",
        "ALTER TABLE {schema}.users ADD COLUMN active boolean; -- Fill it, then: ALTER TABLE {schema}.users ALTER",
    ),
    Drift(
        "ALTER TABLE {schema}.import_chunks DROP CONSTRAINT fk_import_chunks_import_id",
        "Missing in {firm}: the constraint import_chunks.fk_import_chunks_import_id.",
        "ALTER TABLE {schema}.import_chunks ADD CONSTRAINT fk_import_chunks_import_id FOREIGN KEY",
    ),
    Drift(
        "ALTER TABLE {schema}.change DROP CONSTRAINT pk_change",
        "Missing in {firm}: the constraint change.pk_change.",
        "ALTER TABLE {schema}.change ADD CONSTRAINT pk_change PRIMARY KEY (id);",
    ),
    Drift(
        "DROP TRIGGER record_update ON {schema}.contacts",
        "Missing in {firm}: the trigger contacts.record_update.",
        "CREATE TRIGGER record_update AFTER UPDATE ON {schema}.contacts",
    ),
    Drift(
        "REVOKE SELECT ON {schema}.contacts FROM {schema}",
        "Missing in {firm}: the grant contacts.SELECT TO __schema__.",
        "GRANT SELECT ON {schema}.contacts TO {schema};",
    ),
    Drift(
        "GRANT TRUNCATE ON {schema}.contacts TO kontor_app_main",
        "Not ours in {firm}: the grant contacts.TRUNCATE TO kontor_app_main.",
        "REVOKE TRUNCATE ON {schema}.contacts FROM kontor_app_main;",
    ),
    Drift(
        "ALTER FUNCTION {schema}.record_insert() SECURITY INVOKER",
        "Different in {firm}: the function record_insert() is “CREATE OR REPLACE FUNCTION record_insert()",
        "`kontor doctor --sql` prints the statement.",
    ),
    Drift(
        "ALTER TABLE {schema}.links OWNER TO CURRENT_USER",
        "Different in {firm}: the table links is “r of ",
        "ALTER TABLE {schema}.links OWNER TO kontor_owner;",
    ),
    Drift(
        "CREATE TABLE {schema}.elsewhere (id uuid PRIMARY KEY)",
        "Not ours in {firm}: the table elsewhere.",
        "-- Holds what people entered, so look first: DROP TABLE {schema}.elsewhere;",
    ),
    Drift(
        "DROP TABLE {schema}.webhook_failures",
        "Missing in {firm}: the table webhook_failures.",
        "pg_restore --schema={schema} --table=webhook_failures",
    ),
]


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: drift.statement[:60])
def test_what_differs_in_a_schema_is_named_and_mended_as_it_is_said(
    acme: Firm, operator: psycopg.Connection, drift: Drift
) -> None:
    schema = acme.scope.pg_schema
    words = {"schema": schema, "firm": f"acme ({schema})"}
    operator.execute(drift.statement.format(**words).encode())

    (finding, *others) = differing(operator)

    assert finding.sentence.startswith(drift.sentence.format(**words))
    assert drift.remedy.format(**words) in (finding.remedy or "")
    for one in (finding, *others):
        for statement in one.sql:
            operator.execute(statement.removeprefix("-- Holds what people entered, so look first: ").encode())
    if not any(by_hand in (finding.remedy or "") for by_hand in ("pg_restore", "Fill it")):
        assert differing(operator) == []


def test_nothing_is_said_of_schemas_that_are_as_they_must_be_and_nothing_is_left_behind(
    acme: Firm, operator: psycopg.Connection
) -> None:
    from tenants.doctor import comparison

    def schemas() -> list[str]:
        query = "SELECT nspname::text FROM pg_namespace UNION ALL SELECT rolname::text FROM pg_roles ORDER BY 1"
        return [str(row[0]) for row in operator.execute(query.encode()).fetchall()]

    before = schemas()

    sentences = [finding.sentence for finding in comparison.examine(operator)]

    assert sentences[0] == "The platform is as it must be."
    assert sentences[1].endswith(" schemas are as they must be.")
    assert schemas() == before


def test_what_differs_in_the_platform_is_named(app: Flask, operator: psycopg.Connection) -> None:
    operator.execute("DROP INDEX platform.ix_mails_due; REVOKE DELETE ON platform.mails FROM kontor_platform")

    index, grant = differing(operator)

    assert index.sentence == "Missing in the platform: the index mails.ix_mails_due."
    assert index.sql[0].startswith("CREATE INDEX ix_mails_due ON platform.mails ")
    assert grant.sql == ("GRANT DELETE ON platform.mails TO kontor_platform;",)


def test_what_many_firms_have_in_common_is_said_once(acme: Firm, globex: Firm, operator: psycopg.Connection) -> None:
    for firm in (acme, globex):
        operator.execute(f"DROP INDEX {firm.scope.pg_schema}.{INDEX}".encode())

    (finding,) = differing(operator)

    assert "acme (" in finding.sentence
    assert "globex (" in finding.sentence
    assert len(finding.sql) == 2


def test_a_schema_in_which_nearly_everything_is_gone_takes_a_few_lines(
    acme: Firm, operator: psycopg.Connection
) -> None:
    operator.execute(f"DROP SCHEMA {acme.scope.pg_schema} CASCADE; CREATE SCHEMA {acme.scope.pg_schema}".encode())
    operator.execute(f"CREATE TABLE {acme.scope.pg_schema}.left_over (id int)".encode())

    found = differing(operator)

    assert len(found) == 11
    assert found[-1].sentence.endswith("more differences.")


def test_the_statements_are_printed_for_psql(kontor: Kontor, acme: Firm) -> None:
    schema = acme.scope.pg_schema
    with engines.provisioner() as connection:
        connection.execute(f"DROP INDEX {schema}.{INDEX}".encode())
        try:
            printed = kontor("doctor", "--sql").stdout
        finally:
            connection.execute(printed.encode())
            connection.execute("RESET ROLE")
        mended = kontor("doctor", "--sql").stdout

    assert printed.startswith("SET ROLE kontor_owner;\nCREATE INDEX")
    assert mended == "SET ROLE kontor_owner;\n"


def counted(connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many statements the comparison takes."""
    sent: list[object] = []
    execute = psycopg.Connection.execute

    def count(self: psycopg.Connection, query: str, *given: object, **options: object) -> object:
        sent.append(query)
        return execute(self, query, *given, **options)

    with monkeypatch.context() as patched:
        patched.setattr(psycopg.Connection, "execute", count)
        differing(connection)
    return len(sent)


def test_more_schemas_take_no_more_statements(operator: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    few = counted(operator, monkeypatch)
    for _ in range(3):
        add_schema(operator)

    assert counted(operator, monkeypatch) == few


def add_schema(connection: psycopg.Connection) -> None:
    """It is gone with the transaction."""
    from tenants import provisioning

    text = provisioning._provision_text(f"t_{uuid4().hex[:16]}", at=datetime.now(UTC))
    connection.execute(text.replace("BEGIN;", "").replace("COMMIT;", "RESET ROLE;").encode())
