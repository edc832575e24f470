from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.exc import OperationalError

from app.live import Live
from tests.app.live.conftest import Page, heard, until
from tests.firms import Firm
from tests.records import add_company, add_contact

NEWS = "event: changed"


def story(told: Callable[[Live], Awaitable[None]]) -> None:
    async def tell() -> None:
        live = Live()
        live.start()
        try:
            await told(live)
        finally:
            await live.stop()

    asyncio.run(tell())


async def in_firm(work: Callable[[], object]) -> None:
    await asyncio.to_thread(work)


def rename(firm: Firm, contact_id: UUID, name: str) -> None:
    from app.contacts.models import Contact

    with firm.work() as session:
        session.get_one(Contact, contact_id).family_name = name


async def listening(live: Live, *pages: Page) -> None:
    """Until they and the process itself hear what happens; what it may have missed before is told first."""
    for page in pages:
        await page.opened()
        await page.hears("event: missed")


def test_a_change_reaches_the_open_page_of_that_record_and_no_other(acme: Firm, globex: Firm) -> None:
    contact, other, foreign = add_contact(acme), add_contact(acme), add_contact(globex)

    async def told(live: Live) -> None:
        page, beside = Page(live, acme, contact), Page(live, acme, other)
        stranger, guess = Page(live, globex, foreign), Page(live, globex, contact)
        await listening(live, page, beside, stranger, guess)
        await in_firm(lambda: rename(acme, UUID(str(contact)), "Neumann"))
        await page.hears("event: changed\ndata: 2\n\n")
        await asyncio.sleep(0.1)
        assert [one.said.count(NEWS) for one in (page, beside, stranger, guess)] == [1, 0, 0, 0]
        assert "Neumann" not in page.said

    story(told)


def test_what_is_taken_back_is_told_to_nobody(acme: Firm) -> None:
    contact = add_contact(acme)

    def fail() -> None:
        from app.contacts.models import Contact

        with pytest.raises(ZeroDivisionError), acme.work() as session:
            session.get_one(Contact, UUID(str(contact))).family_name = "Never"
            session.flush()
            raise ZeroDivisionError

    async def told(live: Live) -> None:
        page = Page(live, acme, contact)
        await listening(live, page)
        await in_firm(fail)
        await in_firm(lambda: rename(acme, UUID(str(contact)), "Later"))
        await page.hears(NEWS)
        assert page.said.count(NEWS) == 1

    story(told)


def test_a_call_that_was_noted_shows_on_the_page_it_is_about(acme: Firm) -> None:
    from app.activities import actions as activities
    from app.activities.models import ActivityKind
    from app.core.entities import EntityRef
    from tenants import clock

    company = UUID(str(add_company(acme)))

    def call() -> None:
        with acme.work():
            about = EntityRef("company", company)
            activities.record(ActivityKind.CALL, body="secret words", about=about, at=clock.now())

    async def told(live: Live) -> None:
        page = Page(live, acme, company)
        await listening(live, page)
        await in_firm(call)
        await page.hears("event: changed\ndata: \n\n")
        assert "secret" not in page.said

    story(told)


def end_login(firm: Firm) -> None:
    from tenants import identities

    with firm.app.app_context():
        identities.close_session(firm.token)


def set_active(firm: Firm, active: bool) -> None:
    from tenants.db import platform_work
    from tenants.models import Membership

    with firm.app.app_context(), platform_work() as session:
        session.get_one(Membership, firm.owner_id).active = active


def test_a_deactivated_user_hears_nothing_more_at_once(acme: Firm, globex: Firm) -> None:
    contact, foreign = add_contact(acme), add_contact(globex)

    async def told(live: Live) -> None:
        page, other = Page(live, acme, contact), Page(live, globex, foreign)
        await listening(live, page, other)
        await in_firm(lambda: set_active(acme, False))
        try:
            await page.hears("event: over")
            await page.task
            again = Page(live, acme, contact)
            await again.task
        finally:
            await in_firm(lambda: set_active(acme, True))
        assert again.status == 404
        assert page not in live.listeners
        assert "event: over" not in other.said
        assert len(live.listeners) == 1

    story(told)


def test_a_login_that_ends_ends_its_streams(acme: Firm) -> None:
    from dataclasses import replace

    from tenants import identities

    with acme.app.app_context():
        second = replace(acme, token=identities.open_session(acme.identity_id))
    contact = add_contact(acme)

    async def told(live: Live) -> None:
        page, stays = Page(live, second, contact), Page(live, acme, contact)
        await listening(live, page, stays)
        await in_firm(lambda: end_login(second))
        await page.hears("event: over")
        assert "event: over" not in stays.said

    story(told)


def test_without_any_hint_rights_are_checked_again_soon(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from app import live as door
    from tenants import live as hints

    monkeypatch.setattr(door, "CHECK_SECONDS", 0.2)
    monkeypatch.setattr(hints, "publish", lambda _hint: None)
    contact = add_contact(acme)

    async def told(live: Live) -> None:
        page = Page(live, acme, contact)
        await listening(live, page)
        await in_firm(lambda: set_active(acme, False))
        try:
            await page.hears("event: over")
        finally:
            await in_firm(lambda: set_active(acme, True))

    story(told)


def test_who_cannot_be_checked_does_not_go_on_listening(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants import live as hints

    contact = add_contact(acme)

    def away(_knocks: object) -> object:
        raise OperationalError("SELECT", {}, ConnectionError("away"))

    async def told(live: Live) -> None:
        page = Page(live, acme, contact)
        await listening(live, page)
        monkeypatch.setattr(hints, "welcome", away)
        live._check_now.set()
        await page.hears("event: over")

    story(told)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"cookie": ""}, 401),
        ({"cookie": "kontor=forged.value.here"}, 401),
        ({"cookie": 'kontor="unclosed'}, 401),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_who_is_not_known_or_comes_from_elsewhere_gets_no_stream(
    acme: Firm, headers: dict[str, str], status: int
) -> None:
    contact = add_contact(acme)

    async def told(live: Live) -> None:
        page = Page(live, acme, contact, **headers)
        await page.task
        assert (page.status, page.said) == (status, "")
        assert page.headers["access-control-allow-origin"] == "http://127.0.0.1:8000"
        assert not live.listeners

    story(told)


@pytest.mark.parametrize("query", ["record=nobody", "record=1;drop", "else=1"])
def test_an_address_that_names_no_record_is_not_there(acme: Firm, query: str) -> None:
    async def told(live: Live) -> None:
        page = Page.asking(live, acme, query)
        await page.task
        assert page.status == 404

    story(told)


def test_one_login_has_a_bounded_number_of_streams(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from app import live as door

    monkeypatch.setattr(door, "MOST_OF_ONE_LOGIN", 2)
    contact = add_contact(acme)

    async def told(live: Live) -> None:
        first, second = Page(live, acme, contact), Page(live, acme, contact)
        await listening(live, first, second)
        third = Page(live, acme, contact)
        await third.task
        first.close()
        await first.task
        fourth = Page(live, acme, contact)
        await fourth.opened()
        assert third.status == 429

    story(told)


def test_a_page_that_is_silent_for_long_gets_a_sign_of_life(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from app import live as door

    monkeypatch.setattr(door, "HEARTBEAT_SECONDS", 0.05)
    contact = add_contact(acme)

    async def told(live: Live) -> None:
        page = Page(live, acme, contact)
        await page.opened()
        await until(lambda: page.said.count(":\n\n") >= 3)

    story(told)


def test_without_redis_changes_are_saved_and_nobody_waits(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants import clock, memory

    away = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(memory, "_client", lambda: away)
    monkeypatch.setattr(memory, "_silent_until", 0.0)
    contact = add_contact(acme)

    began = clock.stopwatch()
    for name in ("Eins", "Zwei", "Drei"):
        rename(acme, UUID(str(contact)), name)

    assert clock.stopwatch() - began < 3
    assert "Drei" in acme.client().get(f"{acme.url}/contacts/{contact}").text


def test_a_record_page_says_what_it_shows(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from app.core import frame, web
    from config.settings import settings

    told = replace(settings(), live_url="http://127.0.0.1:8001/live")
    monkeypatch.setattr(frame, "settings", lambda: told)
    monkeypatch.setattr(web, "settings", lambda: told)
    web._connected.cache_clear()
    contact = add_contact(acme)

    answer = acme.client().get(f"{acme.url}/contacts/{contact}")
    web._connected.cache_clear()

    assert f'data-live="http://127.0.0.1:8001/live/{acme.scope.slug}"' in answer.text
    assert f'data-live-record="{contact}" data-live-grant="{heard(acme, str(contact))}"' in answer.text
    assert "connect-src 'self' http://127.0.0.1:8001;" in answer.headers["Content-Security-Policy"]


def test_a_process_that_can_check_nobody_any_more_ends_every_stream_and_itself(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    import signal

    raised: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", raised.append)
    contact = add_contact(acme)

    async def crash() -> None:
        raise ZeroDivisionError

    async def told(live: Live) -> None:
        page = Page(live, acme, contact)
        await listening(live, page)
        monkeypatch.setattr(live, "_check", crash)
        live._check_now.set()
        await page.hears("event: over")
        assert raised == [signal.SIGTERM]

    story(told)
