"""Cases made from the URL map: the same request by the owner, by another firm, by a reader, by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, text
from werkzeug.test import TestResponse

from app.core.access import permissions_of
from app.users import actions as users
from app.users.models import User
from tenants import identities
from tenants.db import platform_work
from tenants.models import Identity, LoginSession, Membership, Role
from tests.firms import Firm, Visitor
from tests.house import samples
from tests.house.routes import Route, rooms
from tests.programs import program

ROOMS = rooms()
PAGES = [route for route in ROOMS if not route.by_token]
FOR_PROGRAMS = [route for route in ROOMS if route.by_token]
WITH_RECORD = [route for route in ROOMS if route.arguments]


def visit(firm: Firm, route: Route) -> FlaskClient:
    """The owner's browser, or a program with a token of the owner's."""
    return program(firm) if route.by_token else firm.client()


def send(client: FlaskClient, route: Route, url: str, form: samples.Arguments) -> TestResponse:
    if route.by_token:
        sent = {} if route.method in {"GET", "DELETE"} else {"json": dict(form)}
        return client.open(url, method=route.method, headers={"If-Match": "*"}, **sent)
    if route.method == "GET":
        return client.get(url, buffered=True)
    return client.open(url, method=route.method, data=dict(form), buffered=True)


def written(*firms: Firm) -> int:
    """How much has ever been written into the journals of these firms, and how many jobs wait."""
    total = 0
    for firm in firms:
        with firm.work() as session:
            total += session.scalar(text("SELECT (SELECT count(*) FROM change) + (SELECT count(*) FROM jobs)")) or 0
    return total


@pytest.mark.parametrize("route", ROOMS, ids=str)
def test_the_owner_is_served(acme: Firm, route: Route) -> None:
    url = samples.address(route, acme.scope.slug, samples.arguments(route, acme))

    answer = send(visit(acme, route), route, url, samples.form(route, acme, url))

    assert answer.status_code in range(200, 400), answer.text
    assert "/login" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("route", WITH_RECORD, ids=str)
def test_another_firm_cannot_tell_a_foreign_record_from_none(acme: Firm, globex: Firm, route: Route) -> None:
    values = samples.arguments(route, acme)
    form = samples.form(route, acme, samples.address(route, acme.scope.slug, values))
    before = written(acme, globex)

    answer = send(visit(globex, route), route, samples.address(route, globex.scope.slug, values), form)

    assert answer.status_code == 404
    assert written(acme, globex) == before


@pytest.mark.parametrize("route", ROOMS, ids=str)
def test_who_is_no_user_finds_no_such_firm(acme: Firm, globex: Firm, route: Route) -> None:
    url = samples.address(route, acme.scope.slug, samples.arguments(route, acme))
    form = samples.form(route, acme, url)
    before = written(acme, globex)

    answer = send(visit(globex, route), route, url, form)

    # A token says nothing anywhere else, not even whether there is such a firm.
    assert answer.status_code == (401 if route.by_token else 404)
    assert written(acme, globex) == before


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_who_is_not_logged_in_is_asked_to(acme: Firm, route: Route) -> None:
    url = samples.address(route, acme.scope.slug, samples.arguments(route, acme))
    form = samples.form(route, acme, url)
    before = written(acme)

    answer = send(Visitor(acme.app), route, url, form)

    assert answer.status_code == 303
    assert answer.location.startswith("/login?")
    assert written(acme) == before


@pytest.mark.parametrize("route", FOR_PROGRAMS, ids=str)
def test_a_program_without_a_token_is_refused_whatever_its_cookie_says(acme: Firm, route: Route) -> None:
    url = samples.address(route, acme.scope.slug, samples.arguments(route, acme))
    sent = samples.body(route, acme) or {}
    before = written(acme)

    answer = send(acme.client(), route, url, sent)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "Set-Cookie" not in answer.headers
    assert written(acme) == before


@pytest.mark.parametrize("route", FOR_PROGRAMS, ids=str)
def test_a_token_does_what_its_scopes_say_and_no_more(acme: Firm, route: Route) -> None:
    url = samples.address(route, acme.scope.slug, samples.arguments(route, acme))
    others = tuple(sorted(permissions_of(Role.OWNER) - {route.allow}))

    refused = send(program(acme, scopes=others), route, url, samples.body(route, acme) or {})

    assert refused.status_code == 403
    assert refused.json is not None
    assert refused.json["code"] == "permission_missing"


@pytest.mark.parametrize("route", ROOMS, ids=str)
def test_a_reader_looks_and_changes_nothing(acme: Firm, reader: Visitor, reader_id: UUID, route: Route) -> None:
    url = samples.address(route, acme.scope.slug, samples.arguments(route, acme))
    form = samples.form(route, acme, url)
    before = written(acme)

    client = program(acme, user_id=reader_id) if route.by_token else reader
    answer = send(client, route, url, form)

    if route.endpoint in samples.PERSONAL:
        assert answer.status_code == 404
    elif route.allow in permissions_of(Role.READER):
        assert answer.status_code in range(200, 400)
    else:
        assert answer.status_code == 403
    assert written(acme) == before


@pytest.fixture
def reader(acme: Firm, reader_token: str) -> Visitor:
    client = Visitor(acme.app)
    with client.session_transaction() as session:
        session["_user_id"] = reader_token
        session["_fresh"] = True
    return client


@pytest.fixture(scope="module")
def reader_token(rita: tuple[str, UUID]) -> str:
    return rita[0]


@pytest.fixture(scope="module")
def reader_id(rita: tuple[str, UUID]) -> UUID:
    return rita[1]


@pytest.fixture(scope="module")
def rita(house: Flask, firms: tuple[Firm, Firm]) -> Iterator[tuple[str, UUID]]:
    """Somebody who may only look, in the first firm; gone again when these cases are done."""
    firm, email = firms[0], "reader@acme.example"
    # Left again before the cases run: a request would otherwise share the context, and whoever is logged in there.
    with house.app_context():
        with platform_work() as session:
            identity = identities.find_or_add(session, email=email, name="Rita", password_hash="", locale="en")
            tenant_id = firm.scope.tenant_id
            membership = identities.join(session, tenant_id=tenant_id, identity_id=identity.id, role=Role.READER)
        token = identities.open_session(identity.id)
    with firm.work():
        users.add_user(user_id=membership.id, name="Rita", email=email, role=Role.READER)
    yield token, membership.id
    with firm.work() as session:
        session.execute(delete(User).where(User.id == membership.id))
    with house.app_context(), platform_work() as session:
        session.execute(delete(LoginSession).where(LoginSession.identity_id == identity.id))
        session.execute(delete(Membership).where(Membership.id == membership.id))
        session.execute(delete(Identity).where(Identity.id == identity.id))
