"""Whoever takes ten seconds for each answer, or gives none, holds up no mail, and other firms no longer than that."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.notifications.models import Channel, Delivery, DeliveryState
from tenants import lanes
from tenants.lanes import Lane
from tests.app.escalation.stories import complain, give
from tests.app.schedule.processes import process, until
from tests.app.webhooks.hooks import hook
from tests.colleagues import colleague
from tests.firms import Firm
from tests.forwarding import forward, travel
from tests.receiver import Receiver, receiver
from tests.records import add_contact, add_many


def mails(firm: Firm) -> int:
    with firm.work() as session:
        sent = (Delivery.channel == Channel.MAIL) & (Delivery.state == DeliveryState.SENT)
        return session.scalar(select(func.count()).where(sent)) or 0


@pytest.mark.timeout(300)
def test_a_silent_receiver_holds_up_no_mail_and_no_other_firm_for_long(
    firm: Firm, globex: Firm, shop: Receiver, tmp_path: Path
) -> None:
    bodo, gero = colleague(firm), colleague(globex, name="Gero Globex")
    shop.manner = "silent"
    hook(firm, shop.url)
    with ExitStack() as stack:
        quick = stack.enter_context(receiver())
        hook(globex, quick.url)
        for name in (
            "scheduler",
            "worker --lane turns --lane bulk",
            "worker --lane jobs --lane webhooks --lane webhooks-again",
            "worker --lane mails --lane mails-again",
        ):
            stack.enter_context(process(name, tmp_path / name.replace(" ", "")))
        add_many(firm, "contact", [{"family_name": f"Nr. {number}"} for number in range(100)])
        until(lambda: len(shop.calls) >= 5)

        began = time.monotonic()
        for own, somebody in ((firm, bodo), (globex, gero)):
            give(own, complain(own), to=somebody.user_id)
        add_contact(globex)
        until(lambda: mails(firm) and mails(globex))
        mailed = time.monotonic() - began
        until(lambda: quick.calls)
        called = time.monotonic() - began

    assert mailed < 6
    assert called < 20
    assert lanes.queue(Lane.TURNS).count == 0


def test_who_waits_for_an_address_that_failed_waits_behind_everybody_else(firm: Firm, shop: Receiver) -> None:
    """However many receivers are dead, whoever is well waits for one of them at most."""
    from app.escalation import due
    from tenants import registry

    shop.always = 500
    hook(firm, shop.url)
    add_contact(firm)
    forward(firm.app)
    travel(timedelta(minutes=1))

    with firm.app.app_context():
        due.act(registry.find(firm.scope.tenant_id))

    assert (lanes.queue(Lane.WEBHOOKS).count, lanes.queue(Lane.WEBHOOKS_AGAIN).count) == (0, 1)
