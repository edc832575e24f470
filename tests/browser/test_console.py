"""An operator suspends a firm: its people read why, its owner takes everything along, and it goes on afterwards."""

from __future__ import annotations

import psycopg
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


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_an_operator_sees_whose_pages_fail_and_what_waits(visit: Visit, house: House, phone: bool) -> None:
    size = "phone" if phone else "desk"
    slug = f"segel-{size}"
    house.open_firm(slug, locale="de")
    count_failures(house, slug)
    operator = visit(phone=phone)
    operator.log_in_as_operator(house.operator(f"errors-{size}@kontor.example"))

    for scheme in ("light", "dark"):
        operator.page.emulate_media(color_scheme=scheme)
        operator.open("/operator/errors")
        operator.reads("IntegrityError")
        operator.reads("POST /<slug:slug>/companies/new")
        operator.look()
        operator.picture(f"console-errors-{size}-{scheme}")
        operator.open("/operator/queues")
        operator.sees("What waits")
        operator.look()
        operator.picture(f"console-queues-{size}-{scheme}")

    operator.open("/operator/errors")
    operator.page.locator("main .plain-row a").first.click()
    operator.reads("IntegrityError")
    operator.look()
    operator.picture(f"console-tenant-errors-{size}")


def count_failures(house: House, slug: str) -> None:
    """As if two of its pages had failed."""
    with psycopg.connect(house.database_url, autocommit=True) as connection:
        for kind, route, number in (
            ("IntegrityError", "POST /<slug:slug>/companies/new", 3),
            ("KeyError", "GET /<slug:slug>/contacts/<uuid:record_id>/timeline", 1),
        ):
            connection.execute(
                "INSERT INTO platform.request_errors (id, created_at, tenant_id, hour, kind, route, number, last_at) "
                "SELECT gen_random_uuid(), now(), id, date_trunc('hour', now()), %s, %s, %s, now() "
                "FROM platform.tenants WHERE slug = %s",
                [kind, route, number, slug],
            )
