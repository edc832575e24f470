"""The end of a firm: closed, opened again, erased for good, with a protocol and without a trace of anybody else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tenants import clock, engines, filestores, identities, registry
from tenants.backup import ending
from tenants.db import platform_reading, platform_work
from tenants.models import Identity, Role, Tenant
from tenants.operators import Act, Done, Hand
from tests.firms import Firm, open_firm

US = Hand(who="Test")


@pytest.fixture
def firm(app: Flask) -> Iterator[Firm]:
    opened = open_firm(app, slug="ende", name="Ende")
    yield opened
    clock.travel_with(timedelta)
    with app.app_context():
        if any(tenant.slug == "ende" for tenant in registry.every_tenant()):
            close(opened)
            erase(opened)


def close(firm: Firm) -> None:
    with firm.app.app_context():
        ending.close(firm.scope.tenant_id, reason="They have left", by=US)


def erase(firm: Firm, *, at_once: bool = True) -> ending.Protocol:
    with firm.app.app_context():
        return ending.erase(firm.scope.tenant_id, at_once=at_once, by=US)


def status_of(firm: Firm) -> int:
    return firm.client().get(f"{firm.url}/contacts").status_code


def audit(firm: Firm) -> list[tuple[str, str]]:
    with firm.app.app_context(), platform_reading() as session:
        query = select(Done.act, Done.reason).where(Done.tenant_id == firm.scope.tenant_id).order_by(Done.id)
        return [(act.value, reason) for act, reason in session.execute(query)]


def files_of(firm: Firm) -> int:
    return sum(1 for _ in filestores.store().listed(str(firm.scope.tenant_id)))


def erase_what_others_closed(app: Flask) -> None:
    """Tests before have closed firms of their own."""
    with app.app_context():
        clock.travel_with(lambda: timedelta(days=31))
        ending.sweep()
        clock.travel_with(timedelta)


def keep_file(firm: Firm) -> None:
    from tenants import files

    with firm.work():
        files.keep(io.BytesIO(b"secret"), name="plan.txt", limit=100)


def join(firm: Firm, email: str) -> Identity:
    with firm.app.app_context(), platform_work() as session:
        found = identities.find_or_add(session, email=email, name="Tom", password_hash="-", locale="de")
        identities.join(session, tenant_id=firm.scope.tenant_id, identity_id=found.id, role=Role.MEMBER)
    return found


def known(firm: Firm) -> set[str]:
    with firm.app.app_context(), platform_reading() as session:
        return set(session.scalars(select(Identity.email)))


def test_a_closed_firm_is_not_there_until_it_is_opened_again(firm: Firm) -> None:
    close(firm)
    close(firm)
    closed = status_of(firm)
    with firm.app.app_context():
        ending.reopen(firm.scope.tenant_id, reason="A mistake", by=US)

    assert closed == 404
    assert status_of(firm) == 200
    assert audit(firm) == [("closed", "They have left"), ("reopened", "A mistake")]


def test_no_token_opens_a_closed_firm(firm: Firm) -> None:
    from tests.programs import program

    works = program(firm)
    before = works.get(f"{firm.url}/api/v1/contacts").status_code
    close(firm)

    assert before == 200
    assert works.get(f"{firm.url}/api/v1/contacts").status_code == 404


def test_only_a_firm_that_was_closed_a_month_ago_is_erased(firm: Firm) -> None:
    with pytest.raises(ending.NotClosed):
        erase(firm)
    close(firm)
    with pytest.raises(ending.StillKept):
        erase(firm, at_once=False)
    clock.travel_with(lambda: timedelta(days=30, minutes=1))

    erase(firm, at_once=False)

    assert [act for act, _ in audit(firm)] == ["closed", "erased"]


def test_erased_nothing_of_it_is_left_but_what_was_billed(firm: Firm) -> None:
    keep_file(firm)
    join(firm, "tom@ende.example")
    assert files_of(firm) == 1
    close(firm)

    protocol = erase(firm)

    with engines.provisioner() as connection:
        names = [firm.scope.pg_schema] * 2
        left = "SELECT to_regnamespace(%s), (SELECT rolname FROM pg_roles WHERE rolname = %s)"
        assert connection.execute(left, names).fetchone() == (None, None)
    assert files_of(firm) == 0
    assert known(firm).isdisjoint({"owner@ende.example", "tom@ende.example"})
    assert (protocol.files, protocol.people, protocol.strangers) == (1, 2, 2)
    assert protocol.rows >= 2
    assert audit(firm)[-1] == (Act.ERASED, str(protocol))
    with firm.app.app_context(), platform_reading() as session:
        row = session.get_one(Tenant, firm.scope.tenant_id)
    assert (row.slug, row.name) == (None, "")
    assert row.erased_at is not None


def test_whoever_works_elsewhere_too_stays_known(firm: Firm, acme: Firm) -> None:
    shared = join(firm, "both@ende.example")
    with acme.app.app_context(), platform_work() as session:
        membership = identities.join(session, tenant_id=acme.scope.tenant_id, identity_id=shared.id, role=Role.MEMBER)
    close(firm)

    protocol = erase(firm)

    assert "both@ende.example" in known(firm)
    assert (protocol.people, protocol.strangers) == (2, 1)
    with acme.app.app_context(), platform_work() as session:
        session.delete(session.merge(membership))


def test_erased_twice_it_is_erased_once(firm: Firm) -> None:
    close(firm)
    erase(firm)

    with pytest.raises(registry.TenantNotFound):
        erase(firm)


def test_its_address_is_free_for_another_firm(firm: Firm) -> None:
    close(firm)
    erase(firm)

    other = open_firm(firm.app, slug="ende", name="Neu")

    assert status_of(other) == 200
    close(other)
    erase(other)


def test_every_table_that_knows_people_or_firms_is_thought_of(app: Flask) -> None:
    """A table that refers to them would keep a firm from being erased, or be forgotten."""
    query = """
    SELECT conrelid::regclass::text, confdeltype = 'c' FROM pg_constraint
    WHERE contype = 'f' AND confrelid = %s::regclass"""
    with engines.provisioner() as connection:
        of_people = connection.execute(query, ["platform.identities"]).fetchall()
        of_firms = connection.execute(query, ["platform.tenants"]).fetchall()

    kept_or_first = {"platform.memberships", "platform.invitations", "platform.subscriptions"}
    assert {name for name, follows in of_people if not follows} == {
        "platform.memberships",
        *(f"platform.{name}" for name in ending.OF_IDENTITIES),
    }
    assert {name for name, _ in of_firms} == {*kept_or_first, *(f"platform.{name}" for name in ending.OF_TENANTS)}


def test_the_sweep_erases_what_was_closed_a_month_ago_and_what_never_arrived(firm: Firm) -> None:
    erase_what_others_closed(firm.app)
    keep_file(firm)
    close(firm)
    with firm.app.app_context():
        early = ending.sweep()
        clock.travel_with(lambda: timedelta(days=30, minutes=1))
        late = ending.sweep()
        again = ending.sweep()

    assert (early, late, again) == (0, 1, 0)
    assert files_of(firm) == 0


def test_bytes_that_an_erasure_left_behind_go_with_the_sweep(firm: Firm) -> None:
    keep_file(firm)
    store = filestores.store()
    close(firm)
    erase(firm)
    store.place(f"{firm.scope.tenant_id}/0190-left").write_bytes(b"killed in between")

    with firm.app.app_context():
        ending.sweep()

    assert files_of(firm) == 0
