"""A webhook is made on a page, an inner address is refused, the secret is shown once."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Visit
from tests.browser.house import House

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(("locale", "phone"), [("de", False), ("en", True)], ids=["desk", "phone"])
def test_an_administrator_makes_a_webhook(visit: Visit, house: House, locale: str, phone: bool) -> None:
    slug = f"haken-{locale}"
    owner = visit(locale=locale, phone=phone)
    owner.log_in(house.open_firm(slug, locale=locale))
    picture = f"{locale}-{'phone' if phone else 'desk'}"

    owner.open(f"/{slug}/webhooks")
    owner.look()
    owner.picture(f"webhooks-none-{picture}")
    owner.press("New webhook")
    owner.fill(name="Webshop", address="https://10.0.0.1/hook")
    with owner.refused(422):
        owner.submit()
        owner.sees("The address leads to where nothing is sent.")
    owner.look()
    owner.picture(f"webhooks-new-{picture}")
    owner.fill(name="Webshop", address="https://192.31.196.5:8443/hooks/kontor")
    for kind in ("contact", "company", "complaint"):
        owner.page.locator(f'[value="{kind}"]').check()
    owner.submit()
    owner.sees("This is the secret. It is shown only now.")
    owner.look()
    owner.picture(f"webhooks-made-{picture}")
    assert re.fullmatch(r"whsec_[\w+/]{43}=", owner.page.locator(".token-text").inner_text())
    owner.press("Send a test")
    owner.sees("Test")
    owner.look()
    owner.picture(f"webhooks-sent-{picture}")
    owner.open(f"/{slug}/webhooks")
    owner.picture(f"webhooks-list-{picture}")
    owner.open("/api-reference#webhooks")
    owner.look()
    owner.picture(f"webhooks-reference-{picture}")
