"""Two people look at one record; what one of them does reaches the other without a reload."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import BROWSER, Visit
from tests.browser.house import House
from tests.browser.visitor import Visitor

pytestmark = BROWSER


def _two_at_one_contact(visit: Visit, house: House, slug: str, *, phone: bool = False) -> tuple[Visitor, Visitor]:
    login = house.open_firm(slug, locale="de")
    one, other = visit(locale="de"), visit(locale="de", phone=phone)
    one.log_in(login)
    one.open(f"/{slug}/contacts/new")
    one.fill(given_name="Lina", family_name="Lebhaft")
    one.submit()
    other.log_in(login)
    with other.page.expect_response(re.compile("/live/")) as stream:
        other.open(one.page.url.removeprefix(house.url))
    assert stream.value.status == 200
    return one, other


def test_a_change_waits_behind_a_quiet_bar_and_what_is_being_typed_stays(visit: Visit, house: House) -> None:
    one, other = _two_at_one_contact(visit, house, "zugleich")
    box = other.page.locator("[data-capture] textarea")
    box.fill("Halb geschrieben")

    one.press("Edit")
    one.fill(family_name="Lebendig")
    one.submit()
    other.sees("Changed meanwhile.")
    other.look()
    other.picture("changed-meanwhile")

    expect(box).to_have_value("Halb geschrieben")
    expect(other.page.locator("main h1")).to_have_text("Lina Lebhaft")
    other.page.locator("[data-live-show]").click()
    expect(other.page.locator("main h1")).to_have_text("Lina Lebendig")
    expect(box).to_have_value("Halb geschrieben")
    expect(other.page.locator("[data-live-bar]")).to_be_hidden()
    expect(one.page.locator("[data-live-bar]")).to_be_hidden()


def test_what_somebody_notes_appears_in_the_open_history_by_itself(visit: Visit, house: House) -> None:
    one, other = _two_at_one_contact(visit, house, "mitgelesen", phone=True)
    box = other.page.locator("[data-capture] textarea")
    box.fill("Halb geschrieben")

    one.page.locator("[data-capture] textarea").fill("Muster sind unterwegs.")
    one.page.locator("[data-capture] .button-primary").click()

    expect(other.page.locator("[data-live-history]")).to_contain_text("Muster sind unterwegs.")
    expect(box).to_have_value("Halb geschrieben")
    expect(other.page.locator("[data-live-bar]")).to_be_hidden()
    other.look()


def test_a_list_says_how_much_has_changed_and_leaves_its_rows_where_they_are(visit: Visit, house: House) -> None:
    one, other = _two_at_one_contact(visit, house, "beilaeufig", phone=True)
    with other.page.expect_response(re.compile("/live/.*list=")):
        other.open("/beilaeufig/contacts")
    before = other.page.locator("tbody tr").first.bounding_box()

    one.press("Edit")
    one.fill(family_name="Lebendig")
    one.submit()
    other.sees("1 new change")
    other.look()
    other.picture("list-changed-meanwhile")

    assert other.page.locator("tbody tr").first.bounding_box() == before
    expect(other.page.locator("tbody")).to_contain_text("Lina Lebhaft")
    other.page.locator(".live-news [data-live-show]").click()
    expect(other.page.locator("tbody")).to_contain_text("Lina Lebendig")
    expect(other.page.locator(".live-news")).to_be_hidden()


def test_an_open_form_hears_of_the_change_and_keeps_what_is_typed(visit: Visit, house: House) -> None:
    one, other = _two_at_one_contact(visit, house, "gemeinsam")
    other.press("Edit")
    other.fill(given_name="Angelina")

    one.press("Edit")
    one.fill(family_name="Lebendig")
    one.submit()
    other.sees("This was changed in another window meanwhile.")
    other.look()
    other.picture("form-changed-meanwhile")

    expect(other.page.locator("[name=given_name]")).to_have_value("Angelina")
    with other.page.expect_popup() as compared:
        other.page.locator("[data-live-form] a").click()
    expect(compared.value.locator("[data-live-history]")).to_contain_text("Lebendig")
