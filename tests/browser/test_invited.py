"""A colleague is invited, looks around without being able to change anything, and is sent away again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.house import House

pytestmark = pytest.mark.timeout(300)

EMAIL = "lea@dachwerk-gaeste.example"


def test_an_invited_colleague_reads_and_changes_nothing(visit: Visit, house: House) -> None:
    owner, lea = visit(locale="de"), visit(locale="de", phone=True)

    owner.log_in(house.open_firm("dachwerk", locale="de"))
    owner.open("/dachwerk/users")
    owner.press("Invite")
    owner.fill(name="Lea Lindner", email=EMAIL)
    owner.page.locator('[name="role"]').select_option("reader")
    owner.submit()
    owner.sees("%(name)s is invited by mail.", name="Lea Lindner")

    lea.open("/mailbox")
    lea.page.locator("a.card").filter(has_text=EMAIL).first.click()
    lea.page.locator('a[href*="/invitation/"]').click()
    lea.look()
    lea.fill(password="drei Wolken über dem Dach")
    lea.submit()
    lea.sees("Welcome to %(firm)s.", firm="Dachwerk")
    lea.open("/dachwerk/contacts")
    expect(lea.page.get_by_role("link", name=lea.say("New contact"))).to_have_count(0)
    with lea.refused(403):
        lea.open("/dachwerk/contacts/new")
        lea.sees("You do not have permission to do this; an administrator of your firm can grant it.")

    owner.open("/dachwerk/users")
    owner.press("Lea Lindner")
    owner.press("Deactivate")
    owner.submit()
    owner.sees("%(name)s is deactivated.", name="Lea Lindner")
    with lea.refused(404):
        lea.open("/dachwerk/contacts")
        lea.sees("There is nothing here.")
