"""A second factor: an app and a passkey are added, and the log-in asks for them."""

from __future__ import annotations

import re
from dataclasses import replace

from playwright.sync_api import expect

from tests.authenticators import Phone, secret_on
from tests.browser.conftest import Visit
from tests.browser.house import House, Login
from tests.browser.visitor import Visitor

_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_an_app_and_a_passkey_are_added_and_asked_for(visit: Visit, house: House) -> None:
    login = house.open_firm("schluessel", locale="de")
    owner = visit(locale="de", phone=True)
    # Browsers make passkeys for names only; live updates have another address here, so no page of a firm is opened.
    owner.house = replace(house, url=house.url.replace("127.0.0.1", "localhost"))
    devices = owner.context.new_cdp_session(owner.page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": _DEVICE})
    _type_password(owner, login)
    owner.look()

    owner.press("Add an authenticator app")
    owner.look()
    phone = Phone(secret_on(owner.page.content()), [])
    owner.fill(code=phone.code())
    owner.submit()
    owner.sees("Your recovery codes")
    owner.look()
    expect(owner.page.locator(".recovery-codes code")).to_have_count(10)
    paper = owner.page.locator(".recovery-codes code").nth(4).inner_text()
    owner.press("I have kept them")
    owner.open("/profile/second-factor/passkey")
    owner.look()
    owner.press("Make a passkey")
    expect(owner.page.locator("main .plain-row")).to_have_count(2)
    owner.look()

    owner.context.clear_cookies()
    _type_password(owner, login)
    expect(owner.page).to_have_url(re.compile("/login/second-factor"))
    owner.look()
    owner.fill(code="000000")
    with owner.refused(422):
        owner.submit()
        owner.look()
    owner.press("Use a passkey")
    expect(owner.page).to_have_url(re.compile("/profile/second-factor$"))

    owner.context.clear_cookies()
    _type_password(owner, login)
    owner.fill(code=paper.lower())
    owner.submit()
    expect(owner.page).to_have_url(re.compile("/profile/second-factor$"))
    owner.sees("Von 10 Wiederherstellungscodes sind noch 9 übrig.")


def _type_password(owner: Visitor, login: Login) -> None:
    owner.open("/login?next=/profile/second-factor")
    owner.fill(email=login.email, password=login.password)
    owner.submit()
