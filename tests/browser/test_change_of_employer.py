"""Somebody has a new job: the old one ends, the person stays, and what is open between them goes where it belongs."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import BROWSER, PHONE, Visit
from tests.browser.house import House
from tests.browser.visitor import Visitor

pytestmark = BROWSER


def test_rita_changes_from_the_harbour_to_the_yard(visit: Visit, house: House) -> None:
    owner = visit(locale="de", phone=True)
    owner.log_in(house.open_firm("umzug", locale="de"))
    rita = _rita_of_hafen(owner, house)
    _task_in_two_taps(owner, "Lager aufräumen")
    _task_on(owner, rita, "Muster schicken")
    _complaint(owner, "Die Pumpe leckt", "Rita Riss")

    owner.open(rita)
    owner.page.get_by_text(owner.say("Facts")).tap()
    owner.press("Has a new job")
    owner.fill(company="Werft AG", role="Leitung", on="2026-01-01")
    owner.sees("What is still to be done")
    assert owner.page.get_by_text("Lager aufräumen").count() == 0
    _fate(owner, "Muster schicken").select_option("first")
    _fate(owner, "Die Pumpe leckt").select_option("second")
    owner.look()
    owner.picture("change-of-employer-phone")
    owner.submit()

    owner.sees("The new job is noted; the old one stays in the history.")
    owner.page.get_by_text(owner.say("Facts")).tap()
    expect(owner.page.locator(".record-side")).to_contain_text("Werft AG")
    expect(owner.page.locator(".record-side")).to_contain_text("Hafen KG")
    expect(owner.page.locator(".timeline")).to_contain_text("Muster schicken")
    owner.open("/umzug/complaints")
    owner.page.locator("main [data-row]").first.click()
    owner.page.get_by_text(owner.say("Facts")).tap()
    expect(owner.page.locator(".record-side")).to_contain_text("Hafen KG")
    expect(owner.page.locator(".record-side")).not_to_contain_text("Rita Riss")


def test_a_deleted_note_is_found_in_the_bin_and_put_back(visit: Visit, house: House) -> None:
    owner = visit(locale="de")
    owner.log_in(house.open_firm("papierkorb", locale="de"))
    owner.open("/papierkorb/contacts/new")
    owner.fill(given_name="Rita", family_name="Riss")
    owner.submit()
    owner.page.locator("[data-capture] textarea").fill("Sie will ein Muster.")
    owner.page.locator("[data-capture] .button-primary").click()
    owner.page.locator(".timeline-actions").get_by_role("link", name=owner.say("Edit")).click()
    owner.press("Delete")

    owner.open("/papierkorb/recycle-bin")
    row = owner.page.locator(".bin-row").filter(has_text="Sie will ein Muster.")
    expect(row.get_by_role("link", name="Rita Riss")).to_be_visible()
    owner.look()
    owner.picture("recycle-bin-desk")
    owner.page.set_viewport_size(PHONE)
    owner.look()
    owner.picture("recycle-bin-phone")
    row.get_by_role("button", name=owner.say("Restore")).click()

    expect(owner.page.locator(".timeline")).to_contain_text("Sie will ein Muster.")


def _rita_of_hafen(owner: Visitor, house: House) -> str:
    owner.open("/umzug/contacts/new")
    owner.fill(given_name="Rita", family_name="Riss", company="Hafen KG", role="Einkauf")
    owner.point("email").fill("riss@hafen.example")
    owner.submit()
    expect(owner.page.locator("main h1")).to_have_text("Rita Riss")
    return owner.page.url.removeprefix(house.url)


def _task_in_two_taps(owner: Visitor, text: str) -> None:
    owner.open("/umzug/")
    bar = owner.page.locator(".bottom-bar")
    bar.locator("summary.place-add").tap()
    owner.picture("plus-on-the-phone")
    bar.get_by_role("link", name=owner.say("New task")).tap()
    expect(owner.page.locator('[name="text"]')).to_be_focused()
    owner.types(text)
    owner.look()
    owner.picture("task-from-plus-phone")
    owner.submit()
    owner.sees("The task is saved.")
    owner.reads(text)


def _task_on(owner: Visitor, record: str, text: str) -> None:
    owner.open(record)
    owner.page.locator("[data-capture] .choice").filter(has_text=owner.say("Task")).click()
    owner.page.locator("[data-capture] textarea").fill(text)
    owner.page.locator("[data-capture] .button-primary").click()
    expect(owner.page.locator(".timeline")).to_contain_text(text)


def _complaint(owner: Visitor, what: str, from_whom: str) -> None:
    owner.open("/umzug/complaints/new")
    owner.fill(what=what, from_whom=from_whom)
    owner.submit()
    owner.sees("The complaint is saved.")


def _fate(owner: Visitor, text: str) -> Locator:
    return owner.page.locator(".field").filter(has_text=re.compile(text)).locator("select")
