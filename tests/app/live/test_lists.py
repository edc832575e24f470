"""Lists hear how many of their records have changed, and of nobody else's."""

from __future__ import annotations

import asyncio
import tracemalloc
from uuid import UUID

import pytest

from app.core.entities import create_records, entity_types
from app.listener import Listener
from app.live import Live
from tests.app.live.conftest import Page
from tests.app.live.test_live import in_firm, listening, rename, set_active, story
from tests.app.selection import selecting
from tests.firms import Firm
from tests.records import add_company, add_contact, add_many

NEWS = "event: listed"


def test_a_list_counts_what_is_new_and_what_has_changed(acme: Firm) -> None:
    contact = add_contact(acme)

    async def told(live: Live) -> None:
        page = Page(live, acme, table="contacts")
        await listening(live, page)
        await in_firm(lambda: rename(acme, UUID(str(contact)), "Neumann"))
        await page.hears("event: listed\ndata: 1\n\n")
        await in_firm(lambda: add_many(acme, "contact", [{"family_name": "Neu"}, {"family_name": "Neuer"}]))
        await page.hears("event: listed\ndata: 3\n\n")
        assert "Neu" not in page.said

    story(told)


def test_other_lists_and_other_firms_hear_nothing(acme: Firm, globex: Firm) -> None:
    async def told(live: Live) -> None:
        companies, stranger = Page(live, acme, table="companies"), Page(live, globex, table="contacts")
        contacts = Page(live, acme, table="contacts")
        await listening(live, companies, stranger, contacts)
        await in_firm(lambda: add_contact(acme))
        await contacts.hears(NEWS)
        await asyncio.sleep(0.1)
        assert [page.said.count(NEWS) for page in (companies, stranger)] == [0, 0]
        await in_firm(lambda: add_company(acme))
        await companies.hears("event: listed\ndata: 1\n\n")

    story(told)


def test_what_is_done_with_many_at_once_is_told_without_a_number(acme: Firm) -> None:
    contacts = [add_contact(acme) for _ in range(3)]

    async def told(live: Live) -> None:
        page = Page(live, acme, table="contacts")
        await listening(live, page)
        await in_firm(lambda: selecting.act(acme, "selection.delete", contacts))
        await page.hears("event: listed\ndata: \n\n")

    story(told)


def test_an_import_of_thousands_is_one_hint(acme: Firm) -> None:
    people = [{"family_name": f"Name {number}"} for number in range(1000)]

    async def told(live: Live) -> None:
        page = Page(live, acme, table="contacts")
        await listening(live, page)
        await in_firm(lambda: add_many(acme, "contact", people))
        await page.hears("event: listed\ndata: 1000\n\n")
        assert page.said.count(NEWS) == 1

    story(told)


def test_what_is_taken_back_is_counted_nowhere(acme: Firm) -> None:
    def fail() -> None:
        with pytest.raises(ZeroDivisionError), acme.work():
            create_records(entity_types.named("company"), [{"name": "Never"}])
            raise ZeroDivisionError

    async def told(live: Live) -> None:
        page = Page(live, acme, table="companies")
        await listening(live, page)
        await in_firm(fail)
        await in_firm(lambda: add_company(acme))
        await page.hears("event: listed\ndata: 1\n\n")

    story(told)


def test_whoever_is_deactivated_hears_of_no_list_any_more(acme: Firm) -> None:
    async def told(live: Live) -> None:
        page = Page(live, acme, table="contacts")
        await listening(live, page)
        await in_firm(lambda: set_active(acme, False))
        try:
            await page.hears("event: over")
            again = Page(live, acme, table="contacts")
            await again.task
        finally:
            await in_firm(lambda: set_active(acme, True))
        assert again.status == 404

    story(told)


@pytest.mark.parametrize("table", ["Contacts", "contacts;drop", "x" * 61, "con%20tacts"])
def test_an_address_that_can_be_no_list_is_not_there(acme: Firm, table: str) -> None:
    async def told(live: Live) -> None:
        page = Page.asking(live, acme, f"list={table}")
        await page.task
        assert page.status == 404

    story(told)


def test_a_thousand_who_wait_for_a_list_take_little_memory(acme: Firm) -> None:
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()

    listeners = [Listener((b"x" * 32, "acme"), subject="contacts") for _ in range(1000)]
    for listener in listeners:
        for _ in range(50):
            listener.count_on(3)

    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 2 << 20
    assert {listener.waiting for listener in listeners} == {b"event: listed\ndata: 150\n\n"}
