"""Connections on their way through the pool: worn out, killed, slow, or for a tenant that is gone."""

from __future__ import annotations

from time import sleep
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from tenants import checkout, clock, engines, provisioning
from tenants.context import Actor, Origin, Scope, tenant_scope
from tenants.db import db
from tests.firms import Firm
from tests.tenants.attacks import add_company, as_operator, company_names, inside


def backend(firm: Firm) -> int:
    with inside(firm) as session:
        return int(session.scalar(text("SELECT pg_backend_pid()")))


@pytest.fixture
def fresh_pool(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


@pytest.mark.usefixtures("fresh_pool")
def test_a_connection_retires_after_so_many_tenants(acme: Firm, globex: Firm, monkeypatch: Any) -> None:
    monkeypatch.setattr(checkout, "TENANTS_PER_CONNECTION", 2)

    pids = [backend(firm) for firm in (acme, acme, acme, globex, acme, acme, globex)]

    assert pids[0] == pids[1] == pids[2] == pids[3] != pids[4] == pids[5] == pids[6]


@pytest.mark.usefixtures("fresh_pool")
def test_a_connection_serves_one_tenant_after_the_other(acme: Firm, globex: Firm) -> None:
    assert len({backend(firm) for firm in (acme, globex) * 5}) == 1


def test_a_killed_connection_is_replaced_before_anybody_notices(acme: Firm, globex: Firm) -> None:
    add_company(globex, "Globex's own")

    for _ in range(5):
        as_operator(f"SELECT pg_terminate_backend({backend(acme)})")

        assert company_names(globex) == ["Globex's own"]


def test_after_a_restart_of_the_database_the_next_page_is_served(acme: Firm) -> None:
    browser = acme.client()
    assert browser.get(f"{acme.url}/contacts").status_code == 200

    as_operator("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'kontor_%'")
    sleep(0.2)

    assert browser.get(f"{acme.url}/contacts").status_code == 200


def test_a_connection_killed_in_the_middle_is_an_error_and_the_next_one_works(acme: Firm) -> None:
    with pytest.raises(OperationalError), acme.work() as session:
        as_operator(f"SELECT pg_terminate_backend({session.scalar(text('SELECT pg_backend_pid()'))})")
        session.execute(text("SELECT 1"))

    assert company_names(acme) == []


def test_a_statement_that_takes_too_long_is_stopped(acme: Firm, monkeypatch: Any) -> None:
    monkeypatch.setattr(checkout, "_STATEMENT_MS", {"web": 100})

    with pytest.raises(OperationalError, match="statement timeout"), acme.work() as session:
        session.execute(text("SELECT pg_sleep(5)"))


def test_a_lock_that_somebody_holds_is_not_waited_for_without_end(acme: Firm) -> None:
    """The limit is three seconds; a web request would otherwise pile up behind a migration."""
    schema = acme.scope.pg_schema
    with engines.provisioner(autocommit=False) as migration:
        migration.execute(f"LOCK TABLE {schema}.companies".encode())
        began = clock.stopwatch()
        with pytest.raises(OperationalError, match="lock timeout"):
            company_names(acme)
        migration.rollback()

    assert 2 < clock.stopwatch() - began < 6


def test_a_settings_text_cannot_break_out_of_the_message() -> None:
    for word in ("x'; RESET ROLE; --", "a b", "a;b", "ä", "a" * 81):
        with pytest.raises(ValueError, match="journal"):
            Origin(request=word)
    for pg_schema in ("public", "t_", "t_abc; RESET ROLE", "T_ABCDEF", "t_äöüß", "platform", "t_abcd\n"):
        with pytest.raises(ValueError, match="schema"):
            Scope(tenant_id=uuid4(), slug="x", name="x", pg_schema=pg_schema)


def test_the_message_says_who_acts_and_why(acme: Firm) -> None:
    actor = Actor(user_id=acme.owner_id)
    origin = Origin(source="job", request="r1", cause="c1", depth=2)
    names = ("actor", "source", "request", "cause", "depth")

    with acme.app.app_context(), tenant_scope(acme.scope, actor=actor, origin=origin):
        said = [db.session.scalar(text(f"SELECT current_setting('app.{name}')")) for name in names]

    assert said == [str(acme.owner_id), "job", "r1", "c1", "2"]


def test_nothing_of_a_context_stays_on_the_connection(acme: Firm, globex: Firm) -> None:
    with acme.work() as session:
        session.execute(text("SELECT 1"))

    with inside(globex) as session:
        left = session.execute(
            text("SELECT current_setting('app.actor', true), current_setting('app.cause', true), current_user")
        ).one()

    assert tuple(left) == ("", "", globex.scope.pg_schema)


def test_a_tenant_whose_role_is_unknown_is_an_error(acme: Firm) -> None:
    ghost = Scope(tenant_id=uuid4(), slug="ghost", name="Ghost", pg_schema="t_zzzzzz")

    with acme.app.app_context(), tenant_scope(ghost):
        with pytest.raises((DBAPIError, psycopg.Error), match="does not exist"):
            db.session.execute(text("SELECT * FROM companies"))

    assert company_names(acme) == []


def test_a_dropped_schema_is_an_error_and_no_other_takes_its_place(acme: Firm) -> None:
    add_company(acme, "Acme's own")
    with engines.provisioner() as connection:
        provisioning.make_ready(connection, at=clock.now())
    (tenant_id, pg_schema) = as_operator(
        "SELECT id, pg_schema FROM platform.tenants WHERE status = 'stock' ORDER BY created_at DESC LIMIT 1"
    )[0]
    as_operator(f"DROP SCHEMA {pg_schema} CASCADE")
    as_operator(f"DELETE FROM platform.tenants WHERE id = '{tenant_id}'")

    dropped = Scope(tenant_id=tenant_id, slug="gone", name="Gone", pg_schema=pg_schema)
    with acme.app.app_context(), tenant_scope(dropped):
        with pytest.raises(ProgrammingError, match="does not exist"):
            db.session.execute(text("SELECT name FROM companies"))
