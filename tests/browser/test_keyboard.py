"""Whoever does not use a mouse."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.house import GERMAN
from tests.browser.visitor import Visitor


def test_everything_of_a_day_can_be_done_by_keyboard(visit: Visit) -> None:
    mia = visit(locale="de", calm=False)

    _log_in(mia)
    _open_the_first_hit(mia)
    _go_to_the_contacts(mia)
    _enter_a_new_contact(mia)
    _edit_it(mia)
    _leave_by_escape(mia)


def _log_in(mia: Visitor) -> None:
    mia.open("/login")
    mia.types(GERMAN.email)
    mia.keys("Tab")
    mia.types(GERMAN.password)
    mia.keys("Enter")
    expect(mia.page.locator("body.frame")).to_be_visible()


def _open_the_first_hit(mia: Visitor) -> None:
    mia.keys("Control+k")
    mia.types("mueller")
    expect(mia.page.locator('#quick-results[src$="q=mueller"]:not([busy]) a').first).to_be_visible()
    mia.keys("ArrowDown")
    mia.keys("Enter")
    expect(mia.page.locator("main h1")).to_contain_text(re.compile("m(ü|ue)ller", re.I))
    expect(mia.page.locator("#quick-results")).to_be_hidden()


def _go_to_the_contacts(mia: Visitor) -> None:
    mia.keys("/")
    mia.tab_to(mia.page.locator(".side-menu").get_by_role("link", name=mia.say("Contacts"), exact=True))
    mia.keys("Enter")
    expect(mia.page).to_have_url(re.compile("/contacts$"))
    mia.keys("j", "j", "k")
    assert mia.focused() == mia.page.locator("main [data-row]").first.inner_text()


def _enter_a_new_contact(mia: Visitor) -> None:
    mia.keys("n")
    expect(mia.page).to_have_url(re.compile("/contacts/new$"))
    mia.tab_to(mia.page.locator('[name="given_name"]'))
    mia.types("Wiebke")
    mia.keys("Tab")
    mia.types("Tastatur")
    mia.keys("Enter")
    mia.sees("The contact is saved.")
    expect(mia.page.locator("main h1")).to_have_text("Wiebke Tastatur")


def _edit_it(mia: Visitor) -> None:
    mia.keys("e")
    expect(mia.page).to_have_url(re.compile("/edit$"))
    mia.tab_to(mia.page.locator('[name="family_name"]'))
    mia.types("Griff")
    mia.keys("Enter")
    expect(mia.page.locator("main h1")).to_have_text("Wiebke Griff")
    mia.look()


def _leave_by_escape(mia: Visitor) -> None:
    mia.keys("?")
    expect(mia.page.locator("dialog#keys")).to_be_visible()
    mia.look()
    mia.keys("Escape")
    expect(mia.page.locator("dialog#keys")).to_be_hidden()

    mia.keys("/")
    mia.types("mueller")
    expect(mia.page.locator("#quick-results a").first).to_be_visible()
    mia.look()
    mia.keys("ArrowDown", "Escape")
    expect(mia.page.locator("#quick-results")).to_be_hidden()
    expect(mia.page.locator("[data-search-box]")).to_be_focused()
