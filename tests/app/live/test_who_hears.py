"""Of a list hears who may see it; nobody takes all streams; and rights are looked at anew when rights change."""

from __future__ import annotations

import os
import re
import resource
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app import live as door
from app.core import hearing
from app.live import Live
from tenants import identities, live, relay
from tenants.db import platform_reading, platform_work
from tenants.live import Hint
from tenants.models import Membership, Role
from tests.app.live.conftest import Page, heard, until
from tests.app.live.test_live import in_firm, story
from tests.firms import Firm
from tests.records import add_contact

MANY = 1100


def test_a_list_is_heard_of_by_whom_its_page_was_made_for_and_nobody_else(acme: Firm, globex: Firm) -> None:
    signed = heard(acme, "contacts")
    lowered = heard(acme, "contacts", role="reader")

    async def told(live: Live) -> None:
        pages = [Page.asking(live, acme, f"list={of}") for of in ("contacts", signed[:-2] + "xx", lowered)]
        pages.append(Page.asking(live, globex, f"list={signed}"))
        for page in pages:
            await page.task
        assert [page.status for page in pages] == [404, 404, 403, 403]
        page = Page.asking(live, acme, f"list={signed}")
        await page.opened()

    story(told)


def test_a_record_is_heard_of_by_whom_its_page_was_made_for_and_nobody_else(acme: Firm, globex: Firm) -> None:
    contact = str(add_contact(acme))
    signed = heard(acme, contact)
    lowered = heard(acme, contact, role="reader")

    async def told(live: Live) -> None:
        pages = [Page.asking(live, acme, f"record={of}") for of in (contact, signed[:-2] + "xx", lowered)]
        pages.append(Page.asking(live, globex, f"record={signed}"))
        for page in pages:
            await page.task
        assert [page.status for page in pages] == [404, 404, 403, 403]
        page = Page.asking(live, acme, f"record={signed}")
        await page.opened()

    story(told)


@pytest.mark.parametrize("page", ["", "/edit"])
def test_the_page_and_the_form_of_a_record_say_for_whom_they_were_made(acme: Firm, page: str) -> None:
    contact = add_contact(acme)

    shown = acme.client().get(f"{acme.url}/contacts/{contact}{page}").text

    found = re.search(r'data-live-grant="([^"]+)"', shown)
    assert found is not None
    assert hearing.read(found.group(1)) == (str(contact), str(acme.owner_id), "owner")


def test_the_page_of_a_list_says_for_whom_it_was_made(acme: Firm) -> None:
    add_contact(acme)

    page = acme.client().get(f"{acme.url}/contacts").text

    found = re.search(r'data-live-list="([^"]+)"', page)
    assert found is not None
    assert hearing.read(found.group(1)) == ("contacts", str(acme.owner_id), "owner")


def test_whose_role_changes_hears_no_more_of_lists(acme: Firm) -> None:
    def become(role: Role) -> None:
        with acme.app.app_context(), platform_work() as session:
            session.get_one(Membership, acme.owner_id).role = role

    async def told(live: Live) -> None:
        page = Page(live, acme, table="contacts")
        await page.opened()
        try:
            await in_firm(lambda: become(Role.READER))
            await page.hears("event: over")
        finally:
            await in_firm(lambda: become(Role.OWNER))

    story(told)


@pytest.mark.parametrize("bound", ["MOST_OF_ONE_PERSON", "MOST_OF_ONE_FIRM"])
def test_nobody_takes_all_streams_with_many_logins(acme: Firm, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(door, bound, 2)
    contact = add_contact(acme)
    with acme.app.app_context():
        logins = [replace(acme, token=identities.open_session(acme.identity_id)) for _ in range(3)]

    async def told(live: Live) -> None:
        first, second = Page(live, logins[0], contact), Page(live, logins[1], contact)
        await first.opened()
        await second.opened()
        third = Page(live, logins[2], contact)
        await third.task
        assert third.status == 429
        first.close()
        await until(lambda: len(live.listeners) == 1)
        await Page(live, logins[2], contact).opened()

    story(told)


@pytest.fixture
def told_of_access(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> list[Hint]:
    told: list[Hint] = []
    monkeypatch.setattr(live, "publish", told.append)
    return told


def test_to_come_by_and_to_have_something_due_changes_nobodys_rights(acme: Firm, told_of_access: list[Hint]) -> None:
    with acme.app.app_context():
        with platform_work() as session:
            session.get_one(Membership, acme.owner_id).seen_on = None
        with relay.appointing(acme.scope.tenant_id) as appoint:
            appoint(datetime(2030, 1, 1, tzinfo=UTC))
        entry = identities.entry(acme.token, slug=acme.scope.slug)
        with platform_reading() as session:
            seen_on = session.get_one(Membership, acme.owner_id).seen_on

    assert entry is not None
    assert seen_on is not None
    assert told_of_access == []


def test_another_role_changes_rights(acme: Firm, told_of_access: list[Hint]) -> None:
    with acme.app.app_context(), platform_work() as session:
        member = session.get_one(Membership, acme.owner_id)
        member.role = Role.ADMIN
        session.flush()
        member.role = Role.OWNER

    assert told_of_access == [Hint()]


@pytest.fixture
def many_open() -> Iterator[None]:
    """So many descriptors are open that the next one has a number that ``select`` does not know."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * MANY:
        pytest.skip("This machine allows no more than 1,023 descriptors anyway.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * MANY), hard))
    with socket.socket() as one:
        copies = [os.dup(one.fileno()) for _ in range(MANY)]
        yield
    for number in copies:
        os.close(number)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_open")
def test_a_process_with_very_many_connections_still_asks_its_database(acme: Firm) -> None:
    with acme.app.app_context():
        acme.app.extensions["sqlalchemy"].engines["platform"].dispose()

        entries = [identities.entry(acme.token, slug=acme.scope.slug) for _ in range(2)]

    assert None not in entries
