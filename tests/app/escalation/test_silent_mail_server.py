"""A mail server that accepts and says nothing holds up no notice and no other firm; mails leave once it answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.notifications.models import Channel, Delivery, DeliveryState
from tenants import lanes, relay
from tenants.lanes import Lane
from tests.app.escalation.stories import complain, give
from tests.colleagues import colleague, only_owners
from tests.firms import Firm
from tests.forwarding import forward, told, travel
from tests.tenants.post_office import post_office, silent_server

EVERYBODY_ELSE = [lane for lane in Lane if lane not in {Lane.MAILS, Lane.MAILS_AGAIN}]


def mails(*firms: Firm) -> list[DeliveryState]:
    found = []
    for firm in firms:
        with firm.work() as session:
            found += session.scalars(select(Delivery.state).where(Delivery.channel == Channel.MAIL))
    return found


def work(firm: Firm, *served: Lane) -> None:
    with firm.app.app_context():
        relay.tell_waiting()
        lanes.worker(*served).work(burst=True, logging_level="CRITICAL")


def test_while_the_mail_server_is_silent_notices_and_other_firms_go_on_and_then_every_mail_leaves_once(
    desk: Firm, globex: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    from config.settings import settings
    from tenants import mail, smtp

    only_owners(globex)
    bodo, gero = colleague(desk), colleague(globex, name="Gero Globex")
    with silent_server() as silent:
        given = replace(settings(), smtp_url=f"smtp://127.0.0.1:{silent}")
        monkeypatch.setattr(mail, "settings", lambda: given)
        monkeypatch.setattr(smtp, "GREETING", 0.5)
        for _ in range(3):
            give(desk, complain(desk), to=bodo.user_id)
            give(globex, complain(globex), to=gero.user_id)

        # No worker that forwards ever speaks to the mail server.
        for _ in range(4):
            work(desk, *EVERYBODY_ELSE)
        notices = len(told(desk)), len(told(globex))
        untried = mails(desk, globex)
        work(desk, Lane.MAILS, Lane.MAILS_AGAIN)
        tried = mails(desk, globex)

    assert notices == (3, 3)
    assert untried == tried == [DeliveryState.PENDING] * 6
    with post_office() as found:
        disappointed = smtp.sender(f"smtp://127.0.0.1:{silent}")
        monkeypatch.setattr(disappointed, "_server", smtp.read(f"smtp://127.0.0.1:{found.port}"))
        for minutes in range(2, 8, 2):
            travel(timedelta(minutes=minutes))
            forward(desk.app)
    assert mails(desk, globex) == [DeliveryState.SENT] * 6
    assert len(found.ids) == len(set(found.ids)) == 6
