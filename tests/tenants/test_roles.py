"""What PostgreSQL itself refuses a tenant's role: other schemas, the platform, all that reaches past them."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.exc import NotSupportedError, ProgrammingError

from tests.firms import Firm
from tests.tenants.attacks import (
    add_company,
    as_operator,
    attempt,
    attempt_past_the_cursor,
    company_names,
    inside,
    wire,
)

OTHER_FIRM = [
    "SELECT * FROM {other}.companies",
    'TABLE "{other}".companies',
    "INSERT INTO {other}.companies (id) VALUES (gen_random_uuid())",
    "UPDATE {other}.companies SET name = 'mine'",
    "DELETE FROM {other}.companies",
    "TRUNCATE {other}.companies",
    "WITH x AS (DELETE FROM {other}.companies RETURNING *) SELECT * FROM x",
    "SELECT * FROM companies WHERE EXISTS (SELECT FROM {other}.companies)",
    "EXPLAIN ANALYZE SELECT * FROM {other}.companies",
    "COPY {other}.companies TO STDOUT",
    "SELECT '{other}.companies'::regclass",
    "SELECT {other}.record_insert()",
    "LOCK TABLE {other}.companies",
]


@pytest.mark.parametrize("statement", OTHER_FIRM)
def test_a_qualified_name_is_denied(acme: Firm, globex: Firm, statement: str) -> None:
    add_company(globex, "Globex's own")

    with pytest.raises(psycopg.Error, match="permission denied"):
        attempt_past_the_cursor(acme, statement.format(other=globex.scope.pg_schema))

    assert company_names(globex) == ["Globex's own"]


ESCAPES = [
    "SELECT set_config('role', '{other}', true)",
    "SELECT pg_catalog.set_config('search_path', '{other}', false)",
    "WITH x AS (SELECT set_config('role', '{other}', true)) SELECT * FROM x",
    "SELECT query_to_xml('SELECT set_config(''role'', ''{other}'', true)', true, true, '')",
    "SELECT query_to_xml('SET ROLE {other}', true, true, '')",
    "SELECT query_to_xml('SELECT * FROM {other}.companies', true, true, '')",
    "SELECT query_to_xmlschema('SELECT set_config(''role'', ''{other}'', true)', true, true, '')",
    "SELECT query_to_xml_and_xmlschema('SELECT * FROM {other}.companies', true, true, '')",
    "SELECT schema_to_xml('{other}', true, true, '')",
    "SELECT * FROM ts_stat('SELECT set_config(''role'', ''{other}'', true)::tsvector')",
    "SELECT * FROM ts_stat('SELECT name::tsvector FROM {other}.companies')",
    "SELECT ts_rewrite('a', 'SELECT set_config(''role'', ''{other}'', true)::tsquery, null::tsquery')",
    "UPDATE pg_settings SET setting = '{other}' WHERE name = 'role'",
    "SELECT ext.set_limit(0.9)",
]


@pytest.mark.parametrize("statement", ESCAPES)
def test_no_function_changes_the_role_or_a_setting(acme: Firm, globex: Firm, statement: str) -> None:
    with pytest.raises((ProgrammingError, NotSupportedError), match=r"permission denied|not allowed|unsupported"):
        attempt(acme, statement.format(other=globex.scope.pg_schema))


OUTSIDE = [
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_read_binary_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT pg_ls_logdir()",
    "SELECT pg_stat_file('postgresql.conf')",
    "SELECT current_setting('data_directory')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/x')",
    "SELECT lo_create(0)",
    "SELECT lo_creat(-1)",
    "SELECT lo_from_bytea(0, 'hidden from every export')",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT * FROM pg_largeobject",
    "SELECT * FROM pg_hba_file_rules",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()",
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database()",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_advisory_lock(1, 2)",
    "SELECT pg_try_advisory_lock(1)",
    "SELECT pg_try_advisory_lock_shared(1, 2)",
    "SELECT pg_reload_conf()",
    "SELECT pg_stat_reset()",
    "SELECT pg_create_logical_replication_slot('a', 'test_decoding')",
    "SELECT * INTO stolen FROM companies",
    "EXPLAIN ANALYZE CREATE TABLE stolen AS SELECT * FROM companies",
    "EXPLAIN ANALYZE CREATE TEMP TABLE companies AS SELECT 1",
]


@pytest.mark.parametrize("statement", OUTSIDE)
def test_files_processes_and_what_all_tenants_share_are_closed(acme: Firm, statement: str) -> None:
    # PostgreSQL 15 names whose privilege it takes where later versions say that permission is denied.
    with pytest.raises(ProgrammingError, match=r"permission denied|42501 must be"):
        attempt(acme, statement)


DEFINITIONS = [
    "CREATE TABLE x (i int)",
    "CREATE TEMP TABLE companies (id uuid)",
    "CREATE TABLE public.x (i int)",
    "CREATE TABLE ext.x (i int)",
    "CREATE SCHEMA evil",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TRIGGER t AFTER INSERT ON companies EXECUTE FUNCTION record_insert('contacts')",
    "CREATE RULE r AS ON INSERT TO companies DO INSTEAD NOTHING",
    "CREATE VIEW v AS SELECT 1",
    "ALTER TABLE companies ADD x int",
    "ALTER TABLE companies OWNER TO CURRENT_USER",
    "ALTER TABLE companies DISABLE TRIGGER ALL",
    "ALTER FUNCTION record_insert() SET search_path = pg_temp",
    "DROP TABLE companies CASCADE",
    "DROP TRIGGER record_insert ON companies",
    "DROP FUNCTION record_insert() CASCADE",
    "TRUNCATE companies CASCADE",
    "SET session_replication_role = replica",
    "DO $$ BEGIN END $$",
    "GRANT {mine} TO {other}",
    "ALTER ROLE {other} LOGIN",
    "CREATE ROLE evil",
    "ALTER DATABASE CURRENT_DATABASE SET search_path = evil",
    "SET SESSION AUTHORIZATION kontor_owner",
    "SET ROLE kontor_owner",
    "SET ROLE kontor_platform",
    "CREATE EXTENSION dblink",
    "COPY companies TO PROGRAM 'id'",
    "COPY companies FROM PROGRAM 'id'",
    "COPY companies TO '/tmp/companies'",
    "COPY companies FROM '/etc/passwd'",
]


@pytest.mark.parametrize("statement", DEFINITIONS)
def test_a_tenants_role_owns_nothing_and_defines_nothing(acme: Firm, globex: Firm, statement: str) -> None:
    filled = statement.format(mine=acme.scope.pg_schema, other=globex.scope.pg_schema)
    denied = r"permission denied|must be owner|must be superuser or have|must have|does not exist"
    with pytest.raises(psycopg.Error, match=denied):
        attempt_past_the_cursor(acme, filled)


CLOSED = [
    "SELECT * FROM platform.{table}",
    "SELECT count(*) FROM platform.{table}",
    "INSERT INTO platform.{table} OVERRIDING SYSTEM VALUE SELECT * FROM platform.{table}",
    "DELETE FROM platform.{table}",
]


@pytest.mark.parametrize("statement", CLOSED)
def test_the_platforms_tables_are_closed(acme: Firm, statement: str) -> None:
    tables = [row[0] for row in as_operator("SELECT tablename FROM pg_tables WHERE schemaname = 'platform'")]
    assert len(tables) > 8

    for table in tables:
        with pytest.raises(ProgrammingError, match="permission denied"):
            attempt(acme, statement.format(table=table))


def test_the_only_word_to_the_platform_is_a_note_whose_sender_cannot_be_forged(acme: Firm) -> None:
    for forged in (
        "INSERT INTO platform.outbox (role, note) VALUES ('someone', 'x')",
        "INSERT INTO platform.outbox (note, at) VALUES ('x', now())",
        "INSERT INTO platform.outbox (note) VALUES ('x') RETURNING role",
        "UPDATE platform.outbox SET role = 'someone'",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            attempt(acme, forged)

    with inside(acme) as session:
        session.connection().exec_driver_sql("INSERT INTO platform.outbox (note) VALUES ('work')")
        session.commit()

    assert as_operator("SELECT role::text, note FROM platform.outbox") == [(acme.scope.pg_schema, "work")]


@pytest.mark.parametrize("table", ["alembic_version", "platform.alembic_version"])
def test_the_state_of_migrations_is_closed(acme: Firm, table: str) -> None:
    for statement in ("SELECT * FROM {}", "DELETE FROM {}", "UPDATE {} SET version_num = '0001'"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            attempt(acme, statement.format(table))


def test_what_others_run_and_what_is_known_of_their_rows_is_hidden(acme: Firm, globex: Firm) -> None:
    add_company(globex, "secret")
    as_operator(f"ANALYZE {globex.scope.pg_schema}.companies")

    queries = attempt(
        acme,
        "SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND query NOT IN ('', '<insufficient privilege>')",
    )
    statistics = attempt(acme, f"SELECT * FROM pg_stats WHERE schemaname = '{globex.scope.pg_schema}'")

    assert (queries, statistics) == ([], [])


def test_the_catalogue_shows_names_of_schemas_so_they_carry_no_meaning(acme: Firm, globex: Firm) -> None:
    shown = {row[0] for row in attempt(acme, "SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_'")}

    assert globex.scope.pg_schema in shown
    assert not any("globex" in name or "acme" in name for name in shown)


def test_a_lock_ends_with_the_transaction_that_took_it(acme: Firm, globex: Firm) -> None:
    """Keys are shared by all tenants, so a tenant can hold up whoever uses the same key, but only for its own
    transaction, which idle_in_transaction_session_timeout and statement_timeout bound.
    """
    with inside(acme) as session:
        wire(session).execute("SELECT pg_advisory_xact_lock(7)")
        taken = attempt(globex, "SELECT pg_try_advisory_xact_lock(7)")
        session.rollback()
        free = attempt(globex, "SELECT pg_try_advisory_xact_lock(7)")

    assert (taken, free) == ([(False,)], [(True,)])
    assert as_operator("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7") == [(0,)]


def test_limits_of_a_request_cannot_be_lifted(acme: Firm) -> None:
    limits = attempt(
        acme,
        "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), "
        "current_setting('idle_in_transaction_session_timeout')",
    )

    assert limits == [("2min", "3s", "30s")]


def test_the_temporary_schema_comes_last_in_the_path(acme: Firm) -> None:
    path = f"{acme.scope.pg_schema}, ext, pg_temp"

    assert attempt(acme, "SHOW search_path") == [(path,)]


def test_even_an_allowed_temporary_table_would_not_shadow_a_real_one(acme: Firm, globex: Firm) -> None:
    add_company(acme, "real")
    schema = acme.scope.pg_schema
    as_operator(f"GRANT TEMP ON DATABASE kontor TO {schema}")
    try:
        with inside(acme) as session:
            connection = wire(session)
            with psycopg.Cursor(connection) as weak:
                weak.execute("CREATE TEMP TABLE companies AS SELECT 'shadow' AS name")
                seen = weak.execute("SELECT name FROM companies").fetchall()
                weak.execute(f"SET LOCAL search_path = {schema}".encode())
                shadowed = weak.execute("SELECT name FROM companies").fetchall()
    finally:
        as_operator(f"REVOKE TEMP ON DATABASE kontor FROM {schema}")

    assert seen == [("real",)]
    assert shadowed == [("shadow",)], "the negative control: without pg_temp in the path it comes first"
