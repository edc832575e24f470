"""What I follow is told on my home: what was changed there, and what was written down."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import BROWSER, Visit
from tests.browser.house import House

pytestmark = BROWSER


def test_what_happens_to_a_contact_that_i_follow_is_on_my_home(visit: Visit, house: House) -> None:
    login = house.open_firm("wachsam", locale="de")
    owner = visit(locale="de")
    owner.log_in(login)
    owner.open("/wachsam/contacts/new")
    owner.fill(given_name="Rita", family_name="Riss")
    owner.submit()
    shown = owner.page.url.removeprefix(house.url)
    owner.press("Follow")
    owner.sees("You follow this")

    owner.open(f"{shown}/edit")
    owner.fill(family_name="Riß")
    owner.submit()
    owner.page.locator("[data-capture] textarea").fill("Will am Freitag ein Angebot.")
    owner.press("Save entry")
    owner.reads("Will am Freitag ein Angebot.")

    owner.open("/wachsam/")
    told = owner.page.locator("section", has=owner.page.locator("#followed"))
    expect(told).to_contain_text("Will am Freitag ein Angebot.")
    expect(told.locator("ins").first).to_have_text("Riß")
    owner.look()
    owner.picture("what-i-follow-at-home")

    phone = visit(locale="de", phone=True)
    phone.log_in(login)
    phone.open("/wachsam/follows")
    phone.reads("Will am Freitag ein Angebot.")
    phone.look()
    phone.picture("what-i-follow-phone")
    phone.page.get_by_role("link", name="Rita Riß").first.click()
    expect(phone.page.locator("main h1")).to_have_text("Rita Riß")
