"""Standing outside: a forgotten password, a link into the house."""

from __future__ import annotations

import re
from dataclasses import replace

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.house import GERMAN, House


def test_a_forgotten_password_is_replaced_by_mail(visit: Visit, house: House) -> None:
    login = house.open_firm("vergesslich", locale="de")
    owner = visit(locale="de")

    owner.open("/login")
    owner.press("Forgotten your password?")
    owner.look()
    owner.fill(email=login.email)
    owner.submit()
    owner.look()
    owner.press("Open the mailbox")
    owner.page.locator("a.card").filter(has_text=login.email).first.click()
    owner.page.locator('a[href*="/password/new/"]').click()
    owner.look()
    link = owner.page.url
    owner.fill(password="ein neues, besseres Passwort")
    owner.submit()
    owner.sees("The new password is saved")
    owner.look()
    owner.press("Log in")
    owner.log_in(replace(login, password="ein neues, besseres Passwort"))

    with owner.refused(404):
        owner.page.goto(link)
        owner.sees("This link does not work any more")
        owner.look()


def test_whoever_is_asked_to_log_in_comes_to_where_they_wanted(visit: Visit) -> None:
    mia = visit(locale="de")

    mia.open("/nordlicht/contacts?q=muell&sort=-name")
    expect(mia.page).to_have_url(re.compile("/login"))
    mia.fill(email=GERMAN.email, password="falsch geraten")
    with mia.refused(422):
        mia.submit()
        mia.look()
    mia.log_in(GERMAN, wanted="contacts")

    expect(mia.page).to_have_url(re.compile(r"/nordlicht/contacts\?q=muell&sort=-name$"))
    expect(mia.page.locator("main [data-row]").first).to_contain_text(re.compile("m(ü|ue)ll", re.I))
