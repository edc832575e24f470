"""One context, one tenant, one session: what mixes them is refused, whatever happened before."""

from __future__ import annotations

import gc
import warnings
from threading import Thread
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from app.companies.models import Company
from app.core import records
from tenants import context
from tenants.context import KONTOR, Origin, TenantMismatch, TenantRequired, tenant_scope
from tenants.db import db
from tenants.errors import NotFound
from tenants.models import Tenant
from tests.firms import Firm
from tests.tenants.attacks import add_company, company_names, inside, wire

COMPANIES = select(Company.name).order_by(Company.name)


@pytest.fixture
def two(acme: Firm, globex: Firm) -> tuple[Firm, Firm]:
    add_company(acme, "Acme's own")
    add_company(globex, "Globex's own")
    return acme, globex


def names(session: Any) -> list[str]:
    return list(session.scalars(COMPANIES))


def test_each_firm_sees_only_its_own(two: tuple[Firm, Firm]) -> None:
    acme, globex = two

    assert company_names(acme) == ["Acme's own"]
    assert company_names(globex) == ["Globex's own"]


def test_without_a_tenant_nothing_can_be_asked(app: Flask) -> None:
    with app.app_context(), pytest.raises(TenantRequired):
        names(db.session)


def test_a_connection_taken_outside_a_tenant_has_no_rights(app: Flask, two: tuple[Firm, Firm]) -> None:
    schema = two[0].scope.pg_schema

    for statement in ("SELECT name FROM companies", f"SELECT name FROM {schema}.companies"):
        with (
            app.app_context(),
            db.engine.connect() as connection,
            pytest.raises(ProgrammingError, match=r"does not exist|permission denied"),
        ):
            connection.execute(text(statement))


def test_a_nested_context_has_no_tenant(two: tuple[Firm, Firm]) -> None:
    with inside(two[0]), two[0].app.app_context(), pytest.raises(TenantRequired):
        names(db.session)


def test_a_context_does_not_change_its_tenant(two: tuple[Firm, Firm]) -> None:
    with inside(two[0]), pytest.raises(TenantMismatch):
        context.enter(two[1].scope, actor=KONTOR, origin=Origin())


def test_a_session_does_not_follow_a_context_that_was_forced_to_another_tenant(
    two: tuple[Firm, Firm],
) -> None:
    with inside(two[0]) as session:
        assert names(session) == ["Acme's own"]
        session.rollback()
        context.g.scope = two[1].scope

        with pytest.raises(TenantMismatch):
            names(session)


def test_a_scope_inside_a_scope_is_a_session_of_its_own(two: tuple[Firm, Firm]) -> None:
    with inside(two[0]) as outer:
        mine = outer.scalars(select(Company)).one()

        with inside(two[1]) as inner:
            assert inner is not outer
            assert inner.get(Company, mine.id) is None

        assert outer.get(Company, mine.id) is mine


def test_a_foreign_id_is_not_found(two: tuple[Firm, Firm]) -> None:
    foreign = add_company(two[0], "Somebody else's")

    with inside(two[1]), pytest.raises(NotFound):
        records.load(Company, foreign)


def test_a_tenants_session_knows_no_row_of_the_platform(acme: Firm) -> None:
    with inside(acme) as session:
        with pytest.raises(TenantMismatch):
            session.get(Tenant, acme.scope.tenant_id)
        with pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(select(Tenant.__table__.c.id))


def test_a_thread_started_by_a_request_has_no_tenant(two: tuple[Firm, Firm]) -> None:
    met: list[object] = []

    def work() -> None:
        try:
            met.append(names(db.session))
        except RuntimeError as error:
            met.append(type(error))

    with inside(two[0]):
        thread = Thread(target=work)
        thread.start()
        thread.join()

    assert met == [RuntimeError]


def test_the_second_transaction_of_a_session_is_the_tenants_again(two: tuple[Firm, Firm]) -> None:
    with inside(two[0]) as session:
        for _ in range(3):
            assert names(session) == ["Acme's own"]
            session.commit()


def test_a_connection_kept_beyond_its_transaction_has_no_rights(two: tuple[Firm, Firm]) -> None:
    statement = text(f"SELECT name FROM {two[0].scope.pg_schema}.companies")

    with inside(two[0]), db.engine.connect() as connection:
        assert connection.execute(statement).all()
        connection.commit()

        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(statement)


def test_a_connection_whose_transaction_ends_below_us_has_no_rights(two: tuple[Firm, Firm]) -> None:
    with inside(two[0]) as session:
        wire(session).commit()

        with pytest.raises(ProgrammingError, match="does not exist"):
            names(session)


def test_autocommit_is_refused_inside_a_tenant(two: tuple[Firm, Firm]) -> None:
    with inside(two[0]):
        engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
        with pytest.raises((DBAPIError, psycopg.Error)), engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    assert company_names(two[1]) == ["Globex's own"]


def test_a_savepoint_rolled_back_keeps_the_tenant(two: tuple[Firm, Firm]) -> None:
    with inside(two[0]) as session:
        for _ in range(3):
            with pytest.raises(DBAPIError), session.begin_nested():
                session.execute(text("SELECT 1/0"))

        assert names(session) == ["Acme's own"]


def test_negative_control_a_savepoint_undoes_a_path_that_was_set_after_it(two: tuple[Firm, Firm]) -> None:
    """Why the tenant is entered before any savepoint: the rollback brings back the path of the other one."""
    from tenants import engines

    acme, globex = (firm.scope.pg_schema for firm in two)
    with engines.provisioner(autocommit=False) as connection:
        connection.execute(f"SET search_path = {acme}".encode())
        connection.execute("SAVEPOINT a")
        connection.execute(f"SET search_path = {globex}".encode())
        connection.execute("ROLLBACK TO a")

        assert connection.execute("SELECT name FROM companies").fetchall() == [("Acme's own",)]


def test_an_error_in_the_middle_leaves_nothing_for_the_next_tenant(two: tuple[Firm, Firm]) -> None:
    acme, globex = two

    for _ in range(10):
        with pytest.raises(ZeroDivisionError), acme.work() as session:
            session.add(Company(name="boom", sort_key="boom", search_text="boom"))
            session.flush()
            raise ZeroDivisionError
        with pytest.raises(DBAPIError), acme.work() as session:
            session.execute(text("SELECT 1/0"))
        assert company_names(globex) == ["Globex's own"]

    assert company_names(acme) == ["Acme's own"]


def test_a_session_is_never_handed_to_a_later_context(house: Flask, acme: Firm) -> None:
    """A teardown that fails leaves the session behind; a key that is an address would be used again."""
    from tenants import db as database

    with warnings.catch_warnings(action="ignore"):
        gc.collect()  # What tests before have left lying would be told of here.
    failing = [True]
    broken = Flask("broken")
    database.init_app(broken)

    @broken.teardown_appcontext
    def fail(_error: BaseException | None) -> None:
        if failing:
            raise RuntimeError("A teardown failed.")

    stale = 0
    for _ in range(12):
        with pytest.raises(RuntimeError, match="teardown"), broken.app_context(), tenant_scope(acme.scope):
            session = db.session()
            stale += session.info.pop("used", 0)
            session.info["used"] = 1
        gc.collect()
    failing.clear()
    with broken.app_context():
        for engine in db.engines.values():
            engine.dispose()

    assert stale == 0
