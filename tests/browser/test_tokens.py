"""A token is made on a page, tried in another program, and revoked."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.house import House

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_program_works_with_a_token_until_it_is_revoked(visit: Visit, house: House, phone: bool) -> None:
    slug = "ladenbau" if phone else "uhrwerk"
    owner = visit(locale="de", phone=phone)
    owner.log_in(house.open_firm(slug, locale="de"))

    owner.open(f"/{slug}/tokens")
    owner.press("New token")
    owner.fill(name="Webshop")
    with owner.refused(422):
        owner.submit()
        owner.sees("Please choose what the token may do.")
    owner.look()
    owner.picture(f"token-new-{'phone' if phone else 'desk'}")
    owner.page.locator('[value="contacts.read"]').check()
    owner.submit()
    owner.sees("This is the token. It is shown only now.")
    owner.look()
    owner.picture(f"token-made-{'phone' if phone else 'desk'}")
    token = owner.page.locator(".token-text").inner_text()
    answer = owner.context.request.get(
        f"{house.url}/{slug}/api/v1/contacts", headers={"Authorization": f"Bearer {token}"}
    )
    owner.open("/api-reference")
    owner.page.locator("#contacts_create summary").click()
    owner.look()
    owner.picture(f"reference-{'phone' if phone else 'desk'}")
    owner.open(f"/{slug}/tokens")
    owner.press("Revoke")
    expect(owner.page.locator(".token-row")).to_have_count(0)
    refused = owner.context.request.get(
        f"{house.url}/{slug}/api/v1/contacts", headers={"Authorization": f"Bearer {token}"}
    )

    assert answer.status == HTTPStatus.OK
    assert refused.status == HTTPStatus.UNAUTHORIZED
