from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest

from tests.app.users.invitations import mails
from tests.colleagues import Colleague, colleague, only_owners
from tests.firms import PASSWORD, Firm, Visitor
from tests.pages import form_values

NEW = "a quite different sentence"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1"


@pytest.fixture
def carla(acme: Firm) -> Iterator[Colleague]:
    """A colleague with an address of her own for each story; gone again after it."""
    yield colleague(acme, name="Carla Carlsen", role="reader", email=f"carla.{datetime.now(UTC):%f}@acme.example")
    only_owners(acme)


@pytest.fixture
def time_machine() -> Iterator[None]:
    yield
    _travel(timedelta())


def _travel(offset: timedelta) -> None:
    from tenants import clock

    clock.travel_with(lambda: offset)


def _log_in(firm: Firm, email: str, password: str, *, agent: str = "") -> tuple[Visitor, int]:
    browser = Visitor(firm.app)
    answer = browser.post("/login", data={"email": email, "password": password}, headers={"User-Agent": agent})
    return browser, answer.status_code


def _mirrored(who: Colleague) -> tuple[str, str]:
    from app.users.models import User

    with who.firm.work() as session:
        user = session.get_one(User, who.user_id)
    return user.name, user.email


def test_a_name_is_changed_everywhere(carla: Colleague) -> None:
    browser = carla.client()
    shown = form_values(browser.get("/profile/edit?next=/acme/profile").text)

    answer = browser.post("/profile/edit?next=/acme/profile", data={**shown, "name": "Carla  Neu", "locale": "de"})

    assert shown.items() >= {"name": "Carla Carlsen", "locale": "en", "theme": "auto", "time_format": "auto"}.items()
    assert answer.location == "/acme/profile"
    page = browser.get("/acme/profile").text
    assert "Das Profil ist gespeichert." in page
    assert "<h1>Carla Neu</h1>" in page
    assert _mirrored(carla) == ("Carla Neu", carla.email)


def test_in_two_browsers_the_second_sees_what_the_first_has_saved(carla: Colleague) -> None:
    browser = carla.client()
    shown = form_values(browser.get("/profile/edit?next=/acme/profile").text)
    browser.post("/profile/edit?next=/acme/profile", data=shown | {"name": "Carla Neu", "theme": "dark"})

    answer = browser.post("/profile/edit?next=/acme/profile", data=shown | {"name": "Carla N."})

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Saved meanwhile:" in answer.text
    assert "Carla Neu" in answer.text
    again = form_values(answer.text)
    assert (again["name"], again["theme"]) == ("Carla N.", "dark")
    browser.post("/profile/edit?next=/acme/profile", data=again)
    assert _mirrored(carla)[0] == "Carla N."


def test_a_profile_without_a_name_is_refused(carla: Colleague) -> None:
    answer = carla.client().post(
        "/profile/edit", data={"name": " ", "locale": "tlh", "theme": "dark", "time_format": "13"}
    )

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Please fill this in." in answer.text
    assert _mirrored(carla)[0] == "Carla Carlsen"


@pytest.mark.parametrize(
    ("locale", "time_format", "said"),
    [
        ("en", "24", "Monday, 2 March 2026, 14:05"),
        ("en", "auto", "Monday, 2 March 2026, 14:05"),
        ("en", "12", "Monday, 2 March 2026, 2:05 pm"),
        ("de", "auto", "Montag, 2. März 2026, 14:05"),
        ("de", "12", "Montag, 2. März 2026, 2:05 PM"),
    ],
)
def test_a_moment_is_said_as_people_in_europe_do_and_the_time_as_the_person_wants(
    carla: Colleague, locale: str, time_format: str, said: str
) -> None:
    from app.core import i18n

    browser = carla.client()
    chosen = {"name": "Carla Carlsen", "locale": locale, "theme": "dark", "time_format": time_format}
    browser.post("/profile/edit", data=form_values(browser.get("/profile/edit").text) | chosen)
    moment = datetime(2026, 3, 2, 13, 5, tzinfo=UTC)

    with browser:
        browser.get("/acme/profile")
        full = i18n.reader().full_date(moment)

    assert full == said


def test_a_new_password_needs_the_present_one_and_ends_other_logins(carla: Colleague) -> None:
    here, other = carla.client(), _log_in(carla.firm, carla.email, PASSWORD)[0]

    wrong = here.post("/profile/password", data={"present": "wrong", "password": NEW})
    weak = here.post("/profile/password", data={"present": PASSWORD, "password": "Carlsen123"})
    still_there = other.get("/acme/").status_code
    done = here.post("/profile/password?next=/acme/profile", data={"present": PASSWORD, "password": NEW})

    assert wrong.status_code == weak.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "This is not your current password." in wrong.text
    assert "The password needs at least 10 characters" in weak.text
    assert still_there == HTTPStatus.OK
    assert done.location == "/acme/profile"
    assert here.get("/acme/").status_code == HTTPStatus.OK
    assert other.get("/acme/").location.startswith("/login?")
    assert _log_in(carla.firm, carla.email, PASSWORD)[1] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert _log_in(carla.firm, carla.email, NEW)[1] == HTTPStatus.SEE_OTHER


def test_a_changed_password_kills_links_for_a_forgotten_one(carla: Colleague) -> None:
    Visitor(carla.firm.app).post("/password/forgotten", data={"email": carla.email})
    link = re.search(r"(/password/new/\S+)", mails(carla.firm.app, carla.email)[-1])

    carla.client().post("/profile/password", data={"present": PASSWORD, "password": NEW})

    assert link is not None
    assert Visitor(carla.firm.app).get(link[1]).status_code == HTTPStatus.NOT_FOUND


def _asks_for(who: Colleague, email: str, *, present: str = PASSWORD) -> int:
    return who.client().post("/profile/email", data={"email": email, "present": present}).status_code


def _link(who: Colleague, email: str) -> str:
    found = re.search(r"http://[^/]+(/profile/email/\S+)", mails(who.firm.app, email)[-1])
    assert found is not None
    return found[1]


def test_a_new_address_holds_once_it_is_confirmed_and_the_old_one_is_told(carla: Colleague) -> None:
    new = f"new.{carla.email}"
    asked = _asks_for(carla, new.upper())
    link, browser = _link(carla, new), carla.client()

    opened = browser.get(link)
    before = _mirrored(carla)[1]
    pressed = browser.post(link)

    assert asked == HTTPStatus.SEE_OTHER
    assert new in opened.text
    assert before == carla.email
    assert pressed.status_code == HTTPStatus.OK
    assert _mirrored(carla)[1] == new
    assert new in mails(carla.firm.app, carla.email)[-1]
    assert _log_in(carla.firm, new, PASSWORD)[1] == HTTPStatus.SEE_OTHER
    assert _log_in(carla.firm, carla.email, PASSWORD)[1] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert browser.get(link).status_code == HTTPStatus.NOT_FOUND


def test_a_new_address_needs_the_password(carla: Colleague) -> None:
    answer = _asks_for(carla, "thief@elsewhere.example", present="guessed")

    assert answer == HTTPStatus.UNPROCESSABLE_ENTITY
    assert mails(carla.firm.app, "thief@elsewhere.example") == []


def test_a_link_to_a_new_address_ends_after_two_days_or_when_another_is_asked_for(
    carla: Colleague, time_machine: None
) -> None:
    first, second = f"one.{carla.email}", f"two.{carla.email}"
    _asks_for(carla, first)
    _asks_for(carla, second)
    browser = carla.client()

    overtaken = browser.post(_link(carla, first)).status_code
    _travel(timedelta(days=2))
    expired = browser.post(_link(carla, second)).status_code

    assert (overtaken, expired) == (HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND)
    assert _mirrored(carla)[1] == carla.email


def test_an_address_with_an_account_is_told_so_and_nobody_learns_it_here(carla: Colleague) -> None:
    taken = colleague(carla.firm, name="Tom Taken")

    answer = _asks_for(carla, taken.email)

    assert answer == HTTPStatus.SEE_OTHER
    assert "belongs to an account already" in mails(carla.firm.app, taken.email)[-1]
    assert "/profile/email/" not in mails(carla.firm.app, taken.email)[-1]


def test_an_address_that_was_taken_meanwhile_is_refused(carla: Colleague) -> None:
    new = f"late.{carla.email}"
    _asks_for(carla, new)
    colleague(carla.firm, name="Quick Quinn", email=new)

    answer = carla.client().post(_link(carla, new))

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Another account has this address in the meantime." in answer.text
    assert _mirrored(carla)[1] == carla.email


def test_killed_before_the_firms_knew_it_the_link_finishes_its_work(
    carla: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.users import actions

    def killed(*_arguments: object, **_values: object) -> None:
        raise KeyboardInterrupt

    new = f"resumed.{carla.email}"
    _asks_for(carla, new)
    browser = carla.client()
    with monkeypatch.context() as interrupted, pytest.raises(KeyboardInterrupt):
        interrupted.setattr(actions, "_retell", killed)
        browser.post(_link(carla, new))

    answer = browser.post(_link(carla, new))

    assert answer.status_code == HTTPStatus.OK
    assert _mirrored(carla)[1] == new
    assert len([text for text in mails(carla.firm.app, carla.email) if "from now on" in text]) == 1


def test_the_profile_shows_each_browser_in_words_and_ends_one_or_all_others(carla: Colleague) -> None:
    office, _ = _log_in(carla.firm, carla.email, PASSWORD, agent=FIREFOX)
    phone, _ = _log_in(carla.firm, carla.email, PASSWORD, agent=IPHONE)
    page = office.get("/acme/profile").text
    ends = re.findall(r'action="(/profile/sessions/[0-9a-f-]{36}/end)\?', page)

    office.post(ends[0])
    ended = phone.get("/acme/").status_code
    office.post("/profile/sessions/end-others")

    assert page.index("Firefox, Windows") < page.index("this browser") < page.index("Safari, iPhone")
    assert "last used: today" in page
    assert len(ends) == 2
    assert ended == HTTPStatus.SEE_OTHER
    assert carla.client().get("/acme/").status_code == HTTPStatus.SEE_OTHER
    assert office.get("/acme/").status_code == HTTPStatus.OK


def test_nobody_ends_the_login_of_somebody_else(carla: Colleague) -> None:
    other = colleague(carla.firm, name="Olga Other")
    _log_in(carla.firm, carla.email, PASSWORD)
    page = carla.client().get("/acme/profile").text
    foreign = re.findall(r'action="(/profile/sessions/[0-9a-f-]{36}/end)\?', page)[0]

    answer = other.client().post(foreign)

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert foreign in carla.client().get("/acme/profile").text


def test_a_login_is_remembered_by_the_last_day_it_was_used(carla: Colleague, time_machine: None) -> None:
    browser = carla.client()
    _travel(timedelta(days=1))
    other, _ = _log_in(carla.firm, carla.email, PASSWORD)
    unused = other.get("/acme/profile").text

    browser.get("/acme/")

    assert "last used: yesterday" in unused
    assert "last used: yesterday" not in other.get("/acme/profile").text
    assert "today" in carla.firm.client().get(f"/acme/users/{carla.user_id}").text


@pytest.mark.parametrize("path", ["/profile/edit", "/profile/password", "/profile/email"])
def test_who_is_not_logged_in_is_asked_to(acme: Firm, path: str) -> None:
    assert Visitor(acme.app).get(path).location == f"/login?next={path}"


def test_a_profile_never_leads_to_another_site(carla: Colleague) -> None:
    answer = carla.client().post("/profile/password?next=//evil.example/", data={"present": PASSWORD, "password": NEW})

    assert answer.location == "/firms"
