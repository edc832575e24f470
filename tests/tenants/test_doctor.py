"""Each thing is broken on a real database, in a transaction that is taken back, and the doctor names it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

import psycopg
import pytest
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tenants import engines
from tenants.doctor.findings import Finding
from tests.firms import Firm
from tests.waiting import keep_waiting, rid_of_what_others_left

Check = Callable[[psycopg.Connection], Iterator[Finding]]


@pytest.fixture
def operator(app: Flask) -> Iterator[psycopg.Connection]:
    """Whatever is done with it is taken back."""
    from tenants import provisioning

    provisioning.fill_stock()
    with engines.provisioner(autocommit=False) as connection:
        yield connection
        connection.rollback()


def said(findings: Iterator[Finding]) -> list[str]:
    return [f"{finding.sentence} -> {finding.remedy}" for finding in findings if not finding.is_fine]


def wrong(check: Check, operator: psycopg.Connection, *statements: str) -> list[str]:
    """What the check says once these statements have done their harm; before that it said nothing."""
    assert said(check(operator)) == []
    for statement in statements:
        operator.execute(statement.encode())
    return said(check(operator))


class Harm(NamedTuple):
    statement: str
    sentence: str
    remedy: str


BROKEN_WALLS = [
    Harm(
        "GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC",
        "PUBLIC has EXECUTE on FUNCTION pg_catalog.lo_create(oid) and could hide data where no export finds it.",
        "REVOKE EXECUTE ON FUNCTION pg_catalog.lo_create(oid) FROM PUBLIC.",
    ),
    Harm(
        "GRANT EXECUTE ON FUNCTION pg_try_advisory_lock_shared(int, int) TO kontor_tenant",
        "kontor_tenant has EXECUTE on FUNCTION pg_catalog.pg_try_advisory_lock_shared(int, int) and could hold up",
        "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_try_advisory_lock_shared(int, int) FROM kontor_tenant.",
    ),
    Harm(
        "GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO kontor_app_main",
        "kontor_app_main has EXECUTE on FUNCTION pg_catalog.set_config(text, text, boolean) and could take on",
        "REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM kontor_app_main.",
    ),
    Harm(
        "GRANT UPDATE ON pg_settings TO PUBLIC",
        "PUBLIC has UPDATE on TABLE pg_catalog.pg_settings and could take on another tenant's role.",
        "REVOKE UPDATE ON TABLE pg_catalog.pg_settings FROM PUBLIC.",
    ),
    Harm(
        "GRANT EXECUTE ON FUNCTION ext.set_limit(real) TO PUBLIC",
        "PUBLIC has EXECUTE on FUNCTION ext.set_limit(real) and could change how other tenants search.",
        "REVOKE EXECUTE ON FUNCTION ext.set_limit(real) FROM PUBLIC.",
    ),
    Harm(
        "GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC",
        "PUBLIC has USAGE on LANGUAGE plpgsql and could run programs inside the database.",
        "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC.",
    ),
    Harm(
        "GRANT TEMP ON DATABASE {database} TO PUBLIC",
        "PUBLIC has TEMPORARY on DATABASE",
        "REVOKE TEMPORARY ON DATABASE",
    ),
    Harm("GRANT CREATE ON DATABASE {database} TO PUBLIC", "PUBLIC has CREATE on DATABASE", "REVOKE CREATE ON DATABASE"),
    Harm("GRANT CREATE ON SCHEMA public TO PUBLIC", "PUBLIC has CREATE on SCHEMA public", "REVOKE CREATE ON SCHEMA"),
    Harm("GRANT USAGE ON SCHEMA platform TO PUBLIC", "PUBLIC has USAGE on SCHEMA platform", "REVOKE USAGE ON SCHEMA"),
    Harm("REVOKE USAGE ON SCHEMA ext FROM kontor_tenant", "kontor_tenant lacks USAGE on SCHEMA ext.", "kontor migrate"),
    Harm("REVOKE USAGE ON LANGUAGE plpgsql FROM kontor_owner", "kontor_owner lacks USAGE", "kontor migrate"),
    Harm(
        "REVOKE EXECUTE ON FUNCTION pg_try_advisory_lock(bigint) FROM kontor_platform",
        "kontor_platform lacks EXECUTE on FUNCTION pg_catalog.pg_try_advisory_lock(bigint).",
        "kontor migrate",
    ),
    Harm(
        "REVOKE INSERT (note) ON platform.outbox FROM kontor_tenant",
        "kontor_tenant lacks INSERT (note) on platform.outbox.",
        "kontor migrate",
    ),
    Harm(
        "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC, kontor_app_main",
        "kontor_app_main lacks CONNECT on the database.",
        "kontor migrate",
    ),
    Harm(
        "ALTER ROLE {schema} BYPASSRLS",
        "The role {schema} may change the server itself.",
        "ALTER ROLE {schema} NOSUPERUSER",
    ),
    Harm("ALTER ROLE {schema} LOGIN", "The role {schema} should be NOLOGIN.", "ALTER ROLE {schema} NOLOGIN."),
    Harm(
        "ALTER ROLE kontor_app_main INHERIT",
        "The role kontor_app_main has the rights of every tenant without choosing one.",
        "ALTER ROLE kontor_app_main NOINHERIT.",
    ),
    Harm("GRANT kontor_owner TO {schema}", "{schema} can become kontor_owner.", "REVOKE kontor_owner FROM {schema}."),
    Harm(
        "GRANT kontor_platform TO kontor_app_main",
        "kontor_app_main can become kontor_platform.",
        "REVOKE kontor_platform FROM kontor_app_main.",
    ),
]


@pytest.mark.parametrize("harm", BROKEN_WALLS, ids=lambda harm: harm.statement)
def test_a_hole_in_a_wall_is_named_with_the_way_to_close_it(
    acme: Firm, operator: psycopg.Connection, harm: Harm
) -> None:
    from tenants.doctor import walls

    words = {"database": operator.info.dbname, "schema": acme.scope.pg_schema}

    (sentence,) = wrong(walls.examine, operator, harm.statement.format(**words))

    assert harm.sentence.format(**words) in sentence
    assert harm.remedy.format(**words) in sentence


def test_migrating_closes_what_the_doctor_found(acme: Firm) -> None:
    from tenants import provisioning
    from tenants.doctor import walls

    with engines.provisioner() as connection:
        connection.execute("GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC")
        try:
            open_walls = said(walls.examine(connection))
        finally:
            provisioning.prepare_database(connection)

        assert len(open_walls) == 1
        assert said(walls.examine(connection)) == []


BROKEN_BORDERS = [
    Harm(
        "GRANT USAGE ON SCHEMA {schema} TO {other}",
        "{other} has USAGE on the schema {schema}.",
        "REVOKE USAGE ON SCHEMA {schema} FROM {other}.",
    ),
    Harm(
        "GRANT CREATE ON SCHEMA {schema} TO {schema}",
        "{schema} has CREATE on the schema {schema}.",
        "REVOKE CREATE ON SCHEMA {schema} FROM {schema}.",
    ),
    Harm(
        "GRANT DELETE ON {schema}.change TO {schema}",
        "{schema} has DELETE on {schema}.change.",
        "REVOKE DELETE ON {schema}.change FROM {schema}.",
    ),
    Harm(
        "GRANT SELECT ON {schema}.alembic_version TO PUBLIC",
        "PUBLIC has SELECT on {schema}.alembic_version.",
        "REVOKE SELECT ON {schema}.alembic_version FROM PUBLIC.",
    ),
    Harm(
        "ALTER TABLE {schema}.contacts DISABLE TRIGGER record_update",
        "The trigger record_update of {schema}.contacts is off.",
        "ALTER TABLE {schema}.contacts ENABLE TRIGGER record_update.",
    ),
]


@pytest.mark.parametrize("harm", BROKEN_BORDERS, ids=lambda harm: harm.statement)
def test_a_way_into_another_firm_or_past_its_history_is_named(
    acme: Firm, globex: Firm, operator: psycopg.Connection, harm: Harm
) -> None:
    from tenants.doctor import schemas

    words = {"schema": acme.scope.pg_schema, "other": globex.scope.pg_schema}

    found = wrong(schemas.borders, operator, harm.statement.format(**words))

    assert found == [f"{harm.sentence.format(**words)} -> {harm.remedy.format(**words)}"]


def test_a_schema_or_a_role_that_is_missing_or_belongs_to_somebody_else_is_named(
    acme: Firm, operator: psycopg.Connection
) -> None:
    from tenants.doctor import schemas

    mine = acme.scope.pg_schema
    stolen = wrong(schemas.pairs, operator, f"ALTER SCHEMA {mine} OWNER TO CURRENT_USER")
    operator.rollback()
    barred = wrong(schemas.pairs, operator, f"REVOKE {mine} FROM kontor_app_main")
    operator.rollback()
    lost = wrong(schemas.pairs, operator, f"DROP SCHEMA {mine} CASCADE")
    operator.rollback()
    renamed = wrong(schemas.pairs, operator, f"ALTER ROLE {mine} RENAME TO t_elsewhere")

    assert stolen[0].startswith(f"The schema {mine} belongs to ")
    assert barred == [f"kontor_app_main cannot work as {mine}. -> GRANT {mine} TO kontor_app_main."]
    assert lost[0].startswith(f"The schema {mine} is missing.")
    assert renamed[0].startswith(f"The role {mine} is missing.")


def test_what_migration_left_behind_is_named(acme: Firm, operator: psycopg.Connection) -> None:
    from tenants.doctor import schemas

    stopped = "UPDATE platform.tenants SET revision = '0001', migration_error = 'lock timeout' WHERE slug = 'acme'"
    (tenant,) = wrong(schemas.revisions, operator, stopped)
    operator.rollback()
    (platform,) = wrong(schemas.revisions, operator, "UPDATE platform.alembic_version SET version_num = '0000'")

    assert "acme (lock timeout)" in tenant
    assert tenant.endswith("Run `kontor migrate`.")
    assert platform.startswith("The platform is not at revision")


def test_an_empty_stock_and_a_missing_extension_are_named(operator: psycopg.Connection) -> None:
    from tenants.doctor import schemas

    (stock,) = wrong(schemas.stock, operator, "UPDATE platform.tenants SET status = 'closed' WHERE status = 'stock'")
    (extension,) = wrong(schemas.extensions, operator, "ALTER EXTENSION pg_trgm SET SCHEMA public")

    assert stock.startswith("0 of 2 schemas are ready for sign-ups.")
    assert extension.startswith("Missing in the schema ext: pg_trgm.")


def test_a_login_that_the_database_does_not_let_in_is_named(
    operator: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cluster of the tests asks for no password, so a login that may not come stands for a wrong one."""
    from tenants.doctor import surroundings

    assert said(surroundings.logins(operator)) == []
    nobody = engines.platform_url().set(username="kontor_nobody")
    monkeypatch.setattr(engines, "platform_url", lambda: nobody)

    (sentence,) = said(surroundings.logins(operator))

    assert sentence.startswith("kontor_nobody cannot log in by DATABASE_URL: ")
    assert "Run `kontor migrate`, which sets its password from DATABASE_URL" in sentence


def test_a_clock_that_goes_wrong_is_named(operator: psycopg.Connection) -> None:
    from tenants import clock
    from tenants.doctor import surroundings

    assert said(surroundings.clocks(operator)) == []
    clock.travel_with(lambda: timedelta(seconds=-40))
    try:
        (sentence,) = said(surroundings.clocks(operator))
    finally:
        clock.travel_with(timedelta)

    assert sentence.startswith("The clocks of this machine and of the database differ by 40 s.")


def test_without_redis_it_says_so_and_goes_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants import lanes
    from tenants.doctor import examination

    away = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(lanes, "connection", lambda: away)

    with app.app_context():
        findings = {finding.part: finding for finding in examination.examine()}

    assert findings["redis"].sentence == "Redis does not answer (ConnectionError)."
    assert findings["walls"].is_fine
    assert findings["disk"].is_fine


def test_a_dead_worker_and_a_dead_scheduler_are_named(app: Flask) -> None:
    from tenants import heartbeat, lanes
    from tenants.doctor import surroundings

    with lanes.connection() as redis:
        redis.flushdb()
    dead = said(surroundings.redis_and_helpers())
    heartbeat.beat("scheduler")
    worker = lanes.worker()
    worker.register_birth()
    try:
        alive = said(surroundings.redis_and_helpers())
    finally:
        worker.register_death()

    assert dead == [
        "No worker is alive, so jobs wait. -> Start one: `kontor worker`.",
        "No scheduler is alive, so mails and reminders wait. -> Start one: `kontor scheduler`.",
    ]
    assert alive == []


def test_live_updates_that_nobody_serves_are_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from config.settings import settings
    from tenants import lanes, live
    from tenants.doctor import surroundings

    told = replace(settings(), live_url="http://127.0.0.1:8001/live")
    monkeypatch.setattr(surroundings, "settings", lambda: told)
    with lanes.connection() as redis, redis.pubsub() as listener:
        nobody = [one for one in surroundings.redis_and_helpers() if one.part == "live"]
        listener.subscribe(live.CHANNEL)
        listener.get_message(timeout=5)
        somebody = [one for one in surroundings.redis_and_helpers() if one.part == "live"]

    assert [one.sentence for one in nobody] == [
        "No process for live updates is alive, so open pages hear of no change."
    ]
    assert "`kontor live`" in nobody[0].remedy
    assert somebody[0].is_fine


def test_what_waits_too_long_is_named_by_lane(acme: Firm, globex: Firm) -> None:
    from app.operators import gathering
    from tenants.doctor import surroundings

    rid_of_what_others_left(acme, globex)
    keep_waiting(acme, minutes={"changes": 0, "jobs": 0, "mails": 0, "webhooks": 0})
    with acme.app.app_context():
        gathering.gather()
        early = said(surroundings.waiting())
    keep_waiting(acme, minutes={"changes": 3, "jobs": 12, "mails": 12, "webhooks": 12})
    with acme.app.app_context():
        gathering.gather()
        late = said(surroundings.waiting())

    assert early == []
    assert [sentence.partition(".")[0] for sentence in late] == [
        "2 changes wait, the oldest for 3 minutes",
        "2 jobs wait, the oldest for 12 minutes",
        "2 mails wait, the oldest for 12 minutes",
        "2 webhooks wait, the oldest for 12 minutes",
    ]


def test_it_is_told_when_nobody_counts_what_waits(acme: Firm, globex: Firm) -> None:
    from app.operators import gathering
    from tenants import clock
    from tenants.doctor import surroundings

    rid_of_what_others_left(acme, globex)
    with acme.app.app_context():
        (never,) = said(surroundings.waiting())
        gathering.gather()
        clock.travel_with(lambda: timedelta(minutes=6))
        try:
            (long_ago,) = said(surroundings.waiting())
        finally:
            clock.travel_with(timedelta)

    assert never.startswith("What waits was never counted")
    assert long_ago.startswith("What waits was counted 6 minutes ago")


def test_a_full_disk_is_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants.doctor import surroundings

    full = shutil._ntuple_diskusage(100 << 30, (100 << 30) - (300 << 20), 300 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: full)

    (sentence,) = said(surroundings.disk())

    assert sentence.startswith("Only 300 MB are free where files are kept")


def test_a_database_that_was_never_set_up_is_told_what_to_run(
    operator: psycopg.Connection, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from sqlalchemy import make_url

    from config.settings import settings
    from tenants.doctor import examination

    with engines.provisioner() as connection:
        connection.execute("CREATE DATABASE kontor_untouched")
        try:
            url = make_url(settings().provisioner_url or "").set(database="kontor_untouched")
            other = replace(settings(), provisioner_url=url.render_as_string(hide_password=False))
            monkeypatch.setattr(engines, "settings", lambda: other)
            with app.app_context():
                findings = [f"{f.part}: {f.sentence}" for f in examination.examine() if not f.is_fine]
            monkeypatch.undo()
        finally:
            connection.execute("DROP DATABASE kontor_untouched WITH (FORCE)")

    assert "revisions: The database has not been set up yet." in findings
    assert "extensions: Missing in the schema ext: pg_trgm." in findings
