"""A new password ends whatever else would open the account; a new address is its owner's own decision."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus

import pytest

from tests.app.users.invitations import mails
from tests.colleagues import Colleague, colleague, only_owners
from tests.firms import PASSWORD, Firm, Visitor
from tests.pages import form_values

NEW = "a quite different sentence"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def vera(acme: Firm) -> Iterator[Colleague]:
    """A colleague with an address of her own for each story; gone again after it."""
    yield colleague(acme, name="Vera Vorsicht", email=f"vera.{datetime.now(UTC):%f}@acme.example")
    only_owners(acme)


def asks_for_address(who: Colleague, email: str) -> str:
    """Answers the link that the new address gets."""
    who.client().post("/profile/email", data={"email": email, "present": PASSWORD})
    return link_in(who.firm, email, "/profile/email/")


def link_in(firm: Firm, address: str, path: str) -> str:
    """The last link to such a path that was sent to an address."""
    found = [link for text in mails(firm.app, address) for link in re.findall(rf"http://[^/]+({path}\S+)", text)]
    return str(found[-1])


def asks_for_reset(who: Colleague) -> str:
    Visitor(who.firm.app).post("/password/forgotten", data={"email": who.email})
    return link_in(who.firm, who.email, "/password/new/")


def makes_token(who: Colleague) -> str:
    page = who.client().post("/acme/tokens/new", data={"name": "Program", "days": "30", "scope": "contacts.read"})
    return re.findall(r"kontor_[0-9a-f]+_[\w-]+", page.text)[0]


def knocks_with(who: Colleague, token: str) -> int:
    answer = Visitor(who.firm.app).get("/acme/api/v1/contacts", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


def changes(who: Colleague, **typed: str) -> Visitor:
    browser = who.client()
    browser.post("/profile/password", data={"present": PASSWORD, "password": NEW, **typed})
    return browser


def resets(who: Colleague, **typed: str) -> Visitor:
    browser = Visitor(who.firm.app)
    link = asks_for_reset(who)
    browser.post(link, data={**form_values(browser.get(link).text), "password": NEW, **typed})
    return browser


def log_in(who: Colleague, password: str, *, email: str = "") -> Visitor:
    browser = Visitor(who.firm.app)
    browser.post("/login", data={"email": email or who.email, "password": password})
    return browser


def is_in(browser: Visitor) -> bool:
    return browser.get("/acme/").status_code == HTTPStatus.OK


@pytest.mark.parametrize("renew", [changes, resets])
def test_an_address_that_is_asked_for_does_not_survive_a_new_password(vera: Colleague, renew: object) -> None:
    link = asks_for_address(vera, f"thief.{vera.email}")

    renew(vera)  # type: ignore[operator]

    answer = log_in(vera, NEW).post(link)
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert is_in(log_in(vera, NEW))


@pytest.mark.parametrize("renew", [changes, resets])
def test_every_link_to_a_new_password_ends_with_it(vera: Colleague, renew: object) -> None:
    older = asks_for_reset(vera)

    renew(vera)  # type: ignore[operator]

    answer = Visitor(vera.firm.app).post(older, data={"password": "the thief's own sentence"})
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert is_in(log_in(vera, NEW))


def test_two_links_pressed_at_once_set_one_password(vera: Colleague) -> None:
    from concurrent.futures import ThreadPoolExecutor

    links = [asks_for_reset(vera), asks_for_reset(vera)]

    def press(link: str) -> int:
        return Visitor(vera.firm.app).post(link, data={"password": NEW}).status_code

    with ThreadPoolExecutor(2) as hands:
        answers = sorted(hands.map(press, links))

    assert answers == [HTTPStatus.SEE_OTHER, HTTPStatus.NOT_FOUND]


def test_whoever_changes_the_password_stays_but_by_a_new_login(vera: Colleague) -> None:
    stolen = vera.client()

    here = changes(vera)

    assert is_in(here)
    assert not is_in(stolen)


def test_a_reset_ends_the_tokens_of_programs_unless_it_is_said_otherwise(vera: Colleague) -> None:
    token = makes_token(vera)
    Visitor(vera.firm.app).post(asks_for_reset(vera), data={"password": "four words or rather more"})
    kept = knocks_with(vera, token)

    resets(vera)

    assert kept == HTTPStatus.OK
    assert knocks_with(vera, token) == HTTPStatus.UNAUTHORIZED


def test_a_change_ends_the_tokens_of_programs_where_it_is_asked_for(vera: Colleague) -> None:
    token = makes_token(vera)
    offered = vera.client().get("/profile/password").text

    changes(vera, end_tokens="1")

    assert "end_tokens" not in form_values(offered)
    assert 'name="end_tokens"' in offered
    assert knocks_with(vera, token) == HTTPStatus.UNAUTHORIZED


def test_nobody_without_tokens_is_asked_about_them(vera: Colleague) -> None:
    assert 'name="end_tokens"' not in vera.client().get("/profile/password").text
    assert 'name="end_tokens"' not in Visitor(vera.firm.app).get(asks_for_reset(vera)).text


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", ["has a new password", "192.0.2.77", "Firefox, Windows", "If it was not you"]),
        ("de", ["neues Passwort", "192.0.2.77", "Firefox, Windows", "nicht Sie"]),
    ],
)
def test_the_owner_is_told_of_a_new_password_when_from_where_and_what_to_do(
    vera: Colleague, locale: str, said: list[str]
) -> None:
    browser = vera.client()
    browser.post("/preferences", data={"locale": locale})

    browser.post(
        "/profile/password",
        data={"present": PASSWORD, "password": NEW},
        headers={"User-Agent": FIREFOX},
        environ_base={"REMOTE_ADDR": "192.0.2.77"},
    )

    told = mails(vera.firm.app, vera.email)[-1]
    assert [word for word in said if word not in told] == []
    assert str(datetime.now(UTC).year) in told
    assert "/password/new/" not in told
    assert NEW not in told


def test_a_new_address_is_confirmed_by_nobody_but_its_logged_in_owner(vera: Colleague) -> None:
    new = f"new.{vera.email}"
    link, stranger = asks_for_address(vera, new), Visitor(vera.firm.app)

    asked = stranger.get(link)
    nobody, somebody = stranger.post(link), vera.firm.client().post(link)
    owner = vera.client().post(link)

    assert asked.location == f"/login?next={link}"
    assert nobody.location.startswith("/login?next=")
    assert somebody.status_code == HTTPStatus.FORBIDDEN
    assert owner.status_code == HTTPStatus.OK
    assert is_in(log_in(vera, PASSWORD, email=new))


def test_the_old_address_is_told_at_once_and_can_stop_it(vera: Colleague) -> None:
    new = f"thief.{vera.email}"
    link = asks_for_address(vera, new)
    stop, owner = link_in(vera.firm, vera.email, "/profile/email/stop/"), Visitor(vera.firm.app)

    opened = owner.get(stop)
    stopped = owner.post(stop)

    assert new in mails(vera.firm.app, vera.email)[-1]
    assert opened.status_code == stopped.status_code == HTTPStatus.OK
    assert 'href="/password/forgotten"' in stopped.text
    assert vera.client().post(link).status_code == HTTPStatus.NOT_FOUND
    assert owner.post(stop).status_code == HTTPStatus.NOT_FOUND


def test_looking_at_the_link_that_stops_it_stops_nothing(vera: Colleague) -> None:
    link = asks_for_address(vera, f"new.{vera.email}")

    Visitor(vera.firm.app).get(link_in(vera.firm, vera.email, "/profile/email/stop/"))

    assert vera.client().post(link).status_code == HTTPStatus.OK
