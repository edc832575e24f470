from __future__ import annotations

from http import HTTPStatus

from tests.firms import Firm, Visitor


def test_a_person_keeps_language_and_colours_in_every_browser(acme: Firm) -> None:
    answer = acme.client().post("/preferences", data={"theme": "dark", "locale": "de", "next": "/acme/contacts"})

    page = acme.client().get("/acme/contacts").text
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.location == "/acme/contacts"
    assert '<html lang="de" data-theme="dark">' in page


def test_a_browser_keeps_them_before_the_log_in(browser: Visitor) -> None:
    browser.post("/preferences", data={"theme": "dark", "locale": "de", "next": "/login"})

    assert '<html lang="de" data-theme="dark">' in browser.get("/login").text


def test_what_does_not_exist_changes_nothing(acme: Firm) -> None:
    before = acme.client().get("/acme/").text.partition("<head>")[0]

    acme.client().post("/preferences", data={"theme": "plaid", "locale": "tlh"})

    assert acme.client().get("/acme/").text.partition("<head>")[0] == before
    assert "plaid" not in before


def test_the_language_of_a_link_is_used_at_once(acme: Firm) -> None:
    assert '<html lang="de">' in acme.client().get("/password/forgotten?lang=de").text
