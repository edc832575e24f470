"""An operator suspends a firm: its people read why, its owner takes everything along, and it goes on afterwards."""

from __future__ import annotations

import pytest

from tests.browser.conftest import BROWSER, Visit
from tests.browser.house import House

pytestmark = BROWSER


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_a_firm_is_suspended_and_resumed(visit: Visit, house: House, phone: bool) -> None:
    size = "phone" if phone else "desk"
    firm = house.open_firm(f"werft-{size}", locale="de")
    operator, owner = visit(phone=phone), visit(phone=phone)
    owner.log_in(firm)
    operator.log_in_as_operator(house.operator(f"story-{size}@kontor.example"))
    operator.open(f"/operator?q=werft-{size}")
    operator.page.locator("main [data-row]").click()

    operator.page.get_by_role("button", name=operator.say("Suspend the tenant")).click()
    with operator.refused(422):
        operator.sees("Please say why, in at most 500 characters; the firm will read it.")
        operator.look()
    operator.page.locator("#reason").fill("Zwei Rechnungen sind offen.")
    operator.page.get_by_role("button", name=operator.say("Suspend the tenant")).click()
    operator.sees("Suspended")
    operator.look()
    operator.picture(f"console-suspended-{size}")

    owner.open(f"/werft-{size}/contacts")
    owner.reads("Zwei Rechnungen sind offen.")
    owner.look()
    owner.picture(f"suspended-owner-{size}")

    operator.page.locator("#reason").fill("Bezahlt.")
    operator.page.get_by_role("button", name=operator.say("Resume the tenant")).click()
    operator.sees("Suspend the tenant")
    owner.open(f"/werft-{size}/operator")
    owner.reads("Bezahlt.")
    owner.look()
