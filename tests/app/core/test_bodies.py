"""What is sent: read of whoever is known, refused where no database could keep it."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError
from werkzeug.test import TestResponse

from tenants.db import platform_reading
from tenants.models import Identity
from tests.colleagues import colleague, only_owners
from tests.firms import Firm, Visitor
from tests.programs import program

LARGE = b"x" * (200 * 1024)


UPLOADS = ["/acme/imports/new", f"/acme/files/contact/{UUID(int=1)}"]


def sends_much(browser: Visitor, *, to: str = UPLOADS[0]) -> TestResponse:
    return browser.post(to, data={"entity": "contact", "note": "x" * len(LARGE)})


@pytest.mark.parametrize("address", UPLOADS)
def test_of_a_cookie_whose_session_has_ended_nothing_large_is_read(acme: Firm, address: str) -> None:
    bodo = colleague(acme)
    ended, here = bodo.client(), bodo.client()
    here.post("/profile/sessions/end-others")
    here.post("/logout")

    answer = sends_much(ended, to=address)

    only_owners(acme)
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


@pytest.mark.parametrize("address", UPLOADS)
def test_of_somebody_of_another_firm_nothing_large_is_read(acme: Firm, globex: Firm, address: str) -> None:
    assert sends_much(globex.client(), to=address).status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


@pytest.mark.parametrize("path", ["/login", "/signup", "/password/forgotten", "/operator/login", "/preferences"])
def test_the_forms_of_strangers_are_small_for_everybody(acme: Firm, path: str) -> None:
    answers = [browser.post(path, data={"email": "x" * len(LARGE)}) for browser in (Visitor(acme.app), acme.client())]

    assert [answer.status_code for answer in answers] == [HTTPStatus.REQUEST_ENTITY_TOO_LARGE] * 2


def test_a_user_sends_what_is_large(acme: Firm) -> None:
    assert sends_much(acme.client()).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_what_is_too_large_is_told_how_much_may_be_sent_and_leads_back(acme: Firm) -> None:
    came_from = {"Referer": "http://localhost/login"}
    answer = Visitor(acme.app).post("/login", data={"email": "x" * len(LARGE)}, headers=came_from)

    assert "This is too large: at most 64 KB can be sent at once." in answer.text
    assert 'href="http://localhost/login"' in answer.text


IMPOSSIBLE = ["\x00", "a\x00@b.example", "x" * 5000]


@pytest.mark.parametrize("text", IMPOSSIBLE)
@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/login", ("email", "password")),
        ("/operator/login", ("email", "password")),
        ("/signup", ("firm", "name", "email", "locale", "slug")),
        ("/password/forgotten", ("email",)),
        ("/password/new/token", ("password", "end_tokens")),
        ("/invitation/token", ("name", "password")),
        ("/signup/confirm/token", ("password",)),
    ],
)
def test_what_nobody_can_be_called_is_refused_as_anything_else(
    acme: Firm, path: str, names: tuple[str, ...], text: str
) -> None:
    answer = Visitor(acme.app).post(path, data=dict.fromkeys(names, text))

    assert HTTPStatus.BAD_REQUEST <= answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize(
    "path",
    [
        "/login?next=%00",
        "/signup/confirm/%00",
        "/invitation/%00",
        "/password/new/%00",
        "/profile/email/stop/%00",
        "/acme/contacts?q=%00",
        "/acme/contacts?family_name=%00&tag=%00&sort=%00&after=%00",
        "/acme/companies?q=%ED%A0%80",
        "/acme/users?after=%00",
        "/acme/search?q=%00",
        "/acme/api/v1/contacts?family_name=%00",
        "/acme/api/v1/contacts?email=%00&q=%00&after=%00",
    ],
)
def test_an_address_with_an_impossible_text_is_no_failure_of_ours(acme: Firm, path: str) -> None:
    browser = program(acme) if "/api/" in path else acme.client()

    assert browser.get(path).status_code < HTTPStatus.INTERNAL_SERVER_ERROR


def test_what_no_database_can_keep_is_refused_wherever_it_comes_from(acme: Firm) -> None:
    with acme.app.test_request_context("/?lang=en"):
        with pytest.raises(DataError) as found, acme.app.app_context(), platform_reading() as session:
            session.scalar(select(Identity.id).where(Identity.email == "a\x00b"))
        answer = acme.app.make_response(acme.app.handle_user_exception(found.value))

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "is not valid" in answer.get_data(as_text=True)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\udfff x"])
@pytest.mark.parametrize("field", ["family_name", "note", "custom_number", "email"])
def test_json_with_an_impossible_text_is_no_failure_of_ours(acme: Firm, field: str, text: str) -> None:
    answer = program(acme).post("/acme/api/v1/contacts", json={"family_name": "Berg", field: text})

    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
