"""Whoever guesses at passwords is slowed down at every door; nobody is kept out by strangers."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from redis import Redis
from structlog.testing import capture_logs

from tenants import counting, guessing, logins, memory, own_counts
from tests.colleagues import Colleague, colleague, only_owners
from tests.firms import PASSWORD, Firm, Visitor

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
REFUSED, SLOWED, IN = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SEE_OTHER


@pytest.fixture
def gita(acme: Firm) -> Iterator[Colleague]:
    yield colleague(acme, name="Gita Gut")
    only_owners(acme)


@pytest.fixture(autouse=True)
def few_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes the time of a hash."""
    monkeypatch.setattr(guessing, "FREE_FROM_ONE_PLACE", 2)
    monkeypatch.setattr(guessing, "FREE_OF_A_NETWORK", 4)
    monkeypatch.setattr(guessing, "FREE_AT_AN_ACCOUNT", 3)


def log_in(who: Colleague, password: str, *, place: str = "192.0.2.1", browser: Visitor | None = None) -> int:
    """Answers with which status."""
    return (
        (browser or Visitor(who.firm.app))
        .post(
            "/login",
            data={"email": who.email, "password": password},
            environ_base={"REMOTE_ADDR": place},
            headers={"User-Agent": FIREFOX},
        )
        .status_code
    )


def test_guesses_from_one_place_have_to_wait_longer_every_time(gita: Colleague) -> None:
    answers = [log_in(gita, "wrong") for _ in range(4)]
    name = f"guesses at {guessing.account_hash(gita.email)} from 192.0.2.1"
    first = counting.wait_left([name])
    _the_wait_is_over(name)
    again = log_in(gita, "wrong")

    assert answers == [REFUSED, REFUSED, REFUSED, SLOWED]
    assert 0 < first <= 15
    assert again == REFUSED
    assert 15 < counting.wait_left([name]) <= 30


def _the_wait_is_over(name: str) -> None:
    memory.tell_all([lambda redis: redis.delete(f"kontor:count:wait for {name}")])


def test_the_right_password_ends_the_count(gita: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "FREE_AT_AN_ACCOUNT", 9)

    answers = [log_in(gita, password) for password in ("wrong", "wrong", PASSWORD, "wrong", "wrong", PASSWORD)]

    assert answers == [REFUSED, REFUSED, IN, REFUSED, REFUSED, IN]


def test_strangers_who_guess_do_not_keep_the_owner_out_of_a_known_browser(gita: Colleague) -> None:
    known = Visitor(gita.firm.app)
    log_in(gita, PASSWORD, browser=known)
    known.post("/logout")

    for number in range(4):
        log_in(gita, "wrong", place=f"198.51.100.{number}")

    assert log_in(gita, PASSWORD, place="203.0.113.5") == SLOWED
    assert log_in(gita, PASSWORD, place="198.51.100.1", browser=known) == IN


def test_a_known_browser_guesses_no_more_than_others(gita: Colleague) -> None:
    known = Visitor(gita.firm.app)
    log_in(gita, PASSWORD, browser=known)

    answers = [log_in(gita, "wrong", browser=known, place=f"198.51.100.{number}") for number in range(4)]

    assert answers == [REFUSED, REFUSED, REFUSED, SLOWED]


def test_a_browser_is_known_to_the_accounts_that_it_has_logged_in_to(gita: Colleague) -> None:
    other = colleague(gita.firm, name="Olaf Ohne")
    known = Visitor(gita.firm.app)
    log_in(other, PASSWORD, browser=known)
    for number in range(4):
        log_in(gita, "wrong", place=f"198.51.100.{number}")

    assert log_in(gita, PASSWORD, browser=known) == SLOWED


def test_one_place_cannot_try_many_accounts(gita: Colleague) -> None:
    for number in range(5):
        Visitor(gita.firm.app).post("/login", data={"email": f"guess{number}@acme.example", "password": "wrong"})

    assert log_in(gita, PASSWORD, place="127.0.0.1") == SLOWED


def test_the_addresses_of_one_network_count_together(gita: Colleague) -> None:
    answers = [log_in(gita, "wrong", place=f"2001:db8:1:2::{number:x}") for number in range(4)]

    assert answers == [REFUSED, REFUSED, REFUSED, SLOWED]


def test_every_door_that_checks_a_password_counts_by_the_same_counter(gita: Colleague) -> None:
    inside = gita.client()
    inside.post("/profile/password", data={"present": "wrong", "password": "four words or rather more"})
    inside.post("/profile/email", data={"present": "wrong", "email": "other@acme.example"})
    Visitor(gita.firm.app).post("/operator/login", data={"email": gita.email, "password": "wrong"})

    assert log_in(gita, PASSWORD, place="127.0.0.1") == SLOWED
    assert inside.post("/profile/email", data={"present": PASSWORD, "email": "x@acme.example"}).status_code == SLOWED


def test_without_redis_the_process_counts_for_itself(gita: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_client", lambda: Redis(port=1, socket_connect_timeout=0.1))
    monkeypatch.setattr(memory, "_silent_until", 0.0)
    monkeypatch.setattr(counting, "_own", own_counts.OwnCounts())

    answers = [log_in(gita, "wrong") for _ in range(4)]

    assert answers == [REFUSED, REFUSED, REFUSED, SLOWED]


def test_the_log_names_the_account_by_a_keyed_hash(gita: Colleague) -> None:
    with capture_logs() as told:
        log_in(gita, "wrong")
        log_in(gita, PASSWORD)

    checks = [line for line in told if line["event"] == "password.checked"]
    assert [line["outcome"] for line in checks] == ["wrong_password", "right_password"]
    assert {line["address"] for line in checks} == {"192.0.2.1"}
    assert len({line["account"] for line in checks}) == 1
    assert gita.email not in str(told)


def test_people_see_their_last_log_ins_and_administrators_how_many_failed(gita: Colleague) -> None:
    with gita.firm.work():
        wrong_before = logins.summary_of(gita.user_id).wrong
    log_in(gita, "wrong", place="203.0.113.77")
    browser = Visitor(gita.firm.app)
    log_in(gita, PASSWORD, place="2001:db8:1:2::9", browser=browser)

    own = browser.get("/acme/profile").text
    admins = gita.firm.client().get(f"/acme/users/{gita.user_id}").text

    assert "Wrong password" in own
    assert "203.0.113.…" in own
    assert "203.0.113.77" not in own
    assert "2001:db8:1:…" in own
    assert "Firefox, Windows" in own
    assert "Last log-in" in admins
    assert "Wrong passwords" in admins
    assert f"{wrong_before + 1} in the last 7 days" in admins
    assert "203.0.113" not in admins


def test_old_log_ins_are_forgotten(gita: Colleague) -> None:
    from datetime import timedelta

    from tenants import clock, logins

    log_in(gita, "wrong")
    with gita.firm.app.app_context():
        clock.travel_with(lambda: timedelta(days=91))
        try:
            logins.forget_old()
        finally:
            clock.travel_with(timedelta)

        assert logins.of_identity(gita.identity_id) == []
