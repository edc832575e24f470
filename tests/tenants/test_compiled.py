"""Statements compiled once answer what SQLAlchemy itself answers, and fail as it fails."""

from __future__ import annotations

import signal
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from psycopg.errors import DivisionByZero
from sqlalchemy import ARRAY, Column, Integer, MetaData, Table, Uuid, any_, bindparam, func, literal, select
from sqlalchemy.exc import DataError, OperationalError

from app.contacts.models import Contact
from tenants import compiled, cursor
from tenants.db import PLATFORM_BIND, db, platform_row, rows
from tenants.models import Tenant, TenantStatus
from tests.firms import Firm, counted_statements
from tests.records import add_many
from tests.tenants.attacks import as_operator

_BY_STATUS = select(Tenant.slug, Tenant.status, literal(7).label("seven")).where(
    Tenant.status == bindparam("status"), Tenant.slug == bindparam("slug")
)
_NAMED = select(Contact.id, Contact.display_name.label("title")).where(
    Contact.id == any_(bindparam("ids", type_=ARRAY(Uuid))), Contact.display_name != literal("100 %")
)
_QUOTIENT = select(func.div(literal(1), bindparam("by", type_=Integer)).label("quotient"))
_MOOD = select(Table("moods", MetaData(schema="platform"), Column("mood", Integer)))


@pytest.mark.parametrize("time", ["the first", "the second", "the third"])
def test_answers_what_sqlalchemy_answers(acme: Firm, time: str) -> None:
    with acme.app.app_context():
        values = {"status": TenantStatus.OPEN, "slug": acme.scope.slug, "of_nobody": 1}
        with db.engines[PLATFORM_BIND].connect() as connection:
            theirs = connection.execute(_BY_STATUS, values).all()
            ours = compiled.rows(connection, _BY_STATUS, values)

    assert ours == theirs
    assert ours[0].status is TenantStatus.OPEN, time
    assert (ours[0].seven, ours[0]._mapping["slug"]) == (7, acme.scope.slug)


def test_reads_columns_of_a_tenant_by_their_names(acme: Firm) -> None:
    ids = add_many(acme, "contact", [{"family_name": "Weiß"}, {"family_name": "Kurz"}])
    for _ in range(3):
        with acme.work():
            found = rows(_NAMED, {"ids": ids})
        assert {row.id: row.title for row in found} == dict(zip(ids, ("Weiß", "Kurz"), strict=True))
        assert all(isinstance(row.id, UUID) for row in found)


def test_a_list_written_out_stays_with_sqlalchemy(acme: Firm) -> None:
    ids = add_many(acme, "contact", [{"family_name": "Weiß"}])
    statement = select(Contact.display_name).where(Contact.id.in_(bindparam("ids", expanding=True)))
    for wanted in (ids, [uuid4(), *ids], [uuid4()]):
        with acme.work():
            assert [row[0] for row in rows(statement, {"ids": wanted})] == ["Weiß"] * bool(set(ids) & set(wanted))


def test_fails_as_sqlalchemy_fails_and_keeps_values_out_of_what_it_says(acme: Firm) -> None:
    for _ in range(3):
        with pytest.raises(DataError) as failed, acme.work():
            rows(_QUOTIENT, {"by": 0})
        assert isinstance(failed.value.orig, DivisionByZero)
    for _ in range(3):
        with pytest.raises(DataError) as failed, acme.work():
            rows(_NAMED, {"ids": ["nobody's business"]})
        assert "nobody's business" not in str(failed.value).replace(str(failed.value.orig), "")


def test_each_is_counted_prepared_or_not(acme: Firm) -> None:
    with acme.app.app_context(), counted_statements(acme.app) as counted:
        before = cursor.statements_sent()
        for _ in range(4):
            platform_row(_BY_STATUS, {"status": TenantStatus.OPEN, "slug": acme.scope.slug})
        assert cursor.statements_sent() - before == len(counted) == 4


def test_a_lost_connection_is_not_given_to_the_next(acme: Firm) -> None:
    with acme.work():
        rows(_NAMED, {"ids": []})
        rows(_NAMED, {"ids": []})
    with pytest.raises(OperationalError) as failed, acme.work():
        lost = db.session.connection().connection.driver_connection
        assert isinstance(lost, psycopg.Connection)
        as_operator(f"SELECT pg_terminate_backend({lost.info.backend_pid})")
        rows(_NAMED, {"ids": []})
    assert failed.value.connection_invalidated
    with acme.work():
        assert rows(_NAMED, {"ids": []}) == []


class _Stop(BaseException):
    """As SystemExit, but nothing else raises it."""


def _stop(_signal: int, _frame: object) -> None:
    raise _Stop


def test_who_is_told_to_stop_while_the_database_answers_leaves_no_half_read_connection(acme: Firm) -> None:
    slow = select(func.pg_sleep(bindparam("seconds", type_=Integer)).label("slept"))
    with acme.work():
        rows(slow, {"seconds": 0})
        rows(slow, {"seconds": 0})
    before = signal.signal(signal.SIGALRM, _stop)
    try:
        with pytest.raises(_Stop), acme.work():
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            rows(slow, {"seconds": 30})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    with acme.work():
        assert len(rows(slow, {"seconds": 0})) == 1


def test_a_migration_that_changes_a_type_below_a_kept_plan_is_survived(app: Flask) -> None:
    as_operator("CREATE TABLE platform.moods AS SELECT 1 AS mood; GRANT SELECT ON platform.moods TO kontor_platform")
    try:
        with app.app_context():
            assert [platform_row(_MOOD, {}) for _ in range(3)] == [(1,)] * 3
            as_operator("ALTER TABLE platform.moods ALTER mood TYPE text")
            assert [platform_row(_MOOD, {}) for _ in range(3)] == [("1",)] * 3
    finally:
        as_operator("DROP TABLE platform.moods")
