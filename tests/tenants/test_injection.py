"""Texts that would leave the tenant's role: the strict cursor refuses them, however they are hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.errors import SyntaxError as MultipleCommands
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from tenants.cursor import StatementRefused
from tests.firms import Firm
from tests.tenants.attacks import add_company, attempt, attempt_past_the_cursor, inside, wire

HIDDEN = [
    "{}",
    "  \t\r\n\f\v{}",
    "/* a */ {}",
    "/* a /* nested */ */ {}",
    "/**/{}",
    "/***/{}",
    "-- a\n{}",
    "-- a\r{}",
    "--\r{} /*\nSELECT 1 */",
    "--\r{} --\nSELECT 1",
    "/* -- */{}",
    "--/*\n{} --*/",
    "({})",
    "(/**/{})",
    "; {}",
    ";;{}",
    "\ufeff{}",
    "\u00a0{}",
    "\u2003{}",
    "\x00{}",
]
CONTROL = [
    "SET ROLE other",
    "SET LOCAL ROLE other",
    "set/**/role other",
    "SET SESSION AUTHORIZATION other",
    "SET search_path = other",
    "SET app.actor = '00000000-0000-0000-0000-000000000000'",
    "RESET ROLE",
    "RESET ALL",
    "DISCARD ALL",
    "DO $$ BEGIN END $$",
    "BEGIN",
    "START TRANSACTION",
    "COMMIT",
    "COMMIT AND CHAIN",
    "END",
    "ROLLBACK",
    "ROLLBACK AND CHAIN",
    "ABORT",
    "PREPARE TRANSACTION 'x'",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "DEALLOCATE ALL",
    "CALL p()",
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "FETCH ALL FROM c",
    "LISTEN x",
    "NOTIFY x",
    "LOAD 'auto_explain'",
    "LOCK TABLE companies",
    "TRUNCATE companies",
    "CREATE TEMP TABLE companies (id uuid)",
    "ALTER ROLE CURRENT_USER SET search_path = other",
    "ALTER TABLE companies DISABLE TRIGGER ALL",
    "GRANT ALL ON companies TO PUBLIC",
    "ANALYZE companies",
    "VACUUM",
    "CHECKPOINT",
    "REINDEX TABLE companies",
    "",
    "-- nothing",
    "/* never closed",
]


@pytest.mark.parametrize("statement", CONTROL)
def test_a_statement_that_is_not_about_rows_is_refused(acme: Firm, statement: str) -> None:
    with pytest.raises(StatementRefused):
        attempt(acme, statement)


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("control", ["SET ROLE {other}", "RESET ROLE", "DO $$ BEGIN END $$"])
def test_no_disguise_changes_the_role(acme: Firm, globex: Firm, hidden: str, control: str) -> None:
    statement = hidden.format(control.format(other=globex.scope.pg_schema))

    with inside(acme) as session:
        savepoint = session.begin_nested()
        with pytest.raises((StatementRefused, ProgrammingError, psycopg.Error, ValueError)):
            session.connection().exec_driver_sql(statement)
        savepoint.rollback()

        assert session.scalar(text("SELECT current_user")) == acme.scope.pg_schema


def test_negative_control_past_the_cursor_a_hidden_set_role_reads_the_other_firm(acme: Firm, globex: Firm) -> None:
    """PostgreSQL ends a line comment at a carriage return: the text is one statement, and it is SET ROLE."""
    add_company(globex, "secret")
    schema = globex.scope.pg_schema

    with inside(acme) as session, psycopg.Cursor(wire(session)) as weak:
        weak.execute(f"--\rSET ROLE {schema} /*\nSELECT 1 */".encode())
        leaked = weak.execute(f"SELECT name FROM {schema}.companies".encode()).fetchall()

    assert leaked == [("secret",)]


def test_several_statements_in_one_text_are_refused_by_the_protocol(acme: Firm, globex: Firm) -> None:
    schema = globex.scope.pg_schema
    evil = f"x'; RESET ROLE; SET ROLE {schema}; SELECT name FROM {schema}.companies --"

    with pytest.raises(ProgrammingError, match="multiple commands"):
        attempt(acme, f"SELECT name FROM companies WHERE name = '{evil}'")


def test_negative_control_past_the_cursor_several_statements_read_the_other_firm(acme: Firm, globex: Firm) -> None:
    add_company(globex, "secret")
    schema = globex.scope.pg_schema
    evil = f"x'; RESET ROLE; SET ROLE {schema}; SELECT name FROM {schema}.companies --"

    leaked = attempt_past_the_cursor(acme, f"SELECT name FROM companies WHERE name = '{evil}'")

    assert leaked == [("secret",)]


def test_a_union_with_the_other_firm_is_denied(acme: Firm, globex: Firm) -> None:
    evil = f"x' UNION SELECT name FROM {globex.scope.pg_schema}.companies --"

    with pytest.raises(ProgrammingError, match="permission denied for schema"):
        attempt(acme, f"SELECT name FROM companies WHERE name = '{evil}'")


Way = Callable[[psycopg.Connection[Any], str], object]


def _copied(connection: psycopg.Connection[Any], statement: str) -> object:
    with connection.cursor().copy(statement.encode()) as copy:
        return list(copy)


def _through_a_pipeline(connection: psycopg.Connection[Any], statement: str) -> object:
    with connection.pipeline():
        return connection.execute(statement.encode()).fetchall()


def _through_a_server_side_cursor(connection: psycopg.Connection[Any], statement: str) -> object:
    with connection.cursor(name="c") as cursor:
        return cursor.execute(statement.encode())


WAYS: dict[str, Way] = {
    "execute": lambda c, s: c.cursor().execute(s.encode()),
    "execute of the connection": lambda c, s: c.execute(s.encode()),
    "execute, prepared": lambda c, s: c.cursor().execute(s.encode(), prepare=True),
    "execute, binary": lambda c, s: c.cursor(binary=True).execute(s.encode()),
    "executemany": lambda c, s: c.cursor().executemany(s.encode(), [(), ()]),
    "executemany, returning": lambda c, s: c.cursor().executemany(s.encode(), [(), ()], returning=True),
    "stream": lambda c, s: list(c.cursor().stream(s.encode())),
    "copy": _copied,
    "pipeline": _through_a_pipeline,
    "server-side cursor": _through_a_server_side_cursor,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "statement",
    [
        "SET LOCAL ROLE {other}",
        "--\rSET ROLE {other} /*\nSELECT 1 */",
        "SELECT 1; SET ROLE {other}",
        "COPY companies TO STDOUT; SET ROLE {other}",
        "RESET ROLE",
    ],
)
def test_no_way_of_the_driver_is_open(acme: Firm, globex: Firm, way: str, statement: str) -> None:
    with inside(acme) as session:
        connection = wire(session)
        with pytest.raises((StatementRefused, MultipleCommands, psycopg.ProgrammingError)):
            WAYS[way](connection, statement.format(other=globex.scope.pg_schema))
        connection.rollback()

        # The transaction is over and with it the role: the bare login is left, which has no rights.
        assert connection.execute("SELECT current_user").fetchall() == [("kontor_app_main",)]


def test_a_large_result_read_in_portions_stays_one_statement(acme: Firm) -> None:
    with inside(acme) as session:
        options = {"stream_results": True}
        numbers = session.execute(text("SELECT generate_series(1, 2000)"), execution_options=options)
        assert sum(row[0] for row in numbers) == 2_001_000

        with pytest.raises(ProgrammingError):
            session.execute(text("SELECT 1; RESET ROLE"), execution_options=options).all()


def test_a_copy_that_is_executed_instead_of_copied_is_refused(acme: Firm) -> None:
    """Its connection could never be rolled back again, so a few of them would use up the pool."""
    add_company(acme, "Acme's own")

    for _ in range(12):
        with pytest.raises(StatementRefused):
            attempt(acme, "COPY companies TO STDOUT")

    assert attempt(acme, "SELECT name FROM companies") == [("Acme's own",)]


def test_an_error_of_the_database_says_nothing_that_people_have_entered(acme: Firm) -> None:
    twice = text(
        "INSERT INTO counters (id, created_at, name, year, last) "
        "SELECT gen_random_uuid(), now(), :name, 1, 1 FROM generate_series(1, 2)"
    )

    with pytest.raises(IntegrityError) as taken, acme.work() as session:
        session.execute(twice, {"name": "geheim"})
    with pytest.raises(DataError) as nonsense, acme.work() as session:
        session.execute(text("SELECT CAST(CAST(:value AS text) AS uuid)"), {"value": "geheim"})

    assert "23505 duplicate key value" in str(taken.value)
    assert "22P02" in str(nonsense.value)
    assert "geheim" not in f"{taken.value} {nonsense.value}"
