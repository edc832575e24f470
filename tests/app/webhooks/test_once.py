"""A record of a large transaction, which is forwarded in several turns, is told of once."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import update

from app.escalation.forwarding import QUANTUM
from app.notifications.models import Delivery, DeliveryState
from app.webhooks import making
from tenants import clock
from tenants.db import new_id
from tests.app.imports.lists import draft, launch, many, work_off
from tests.app.webhooks.hooks import hook
from tests.firms import Firm
from tests.forwarding import forward
from tests.receiver import Receiver

ROWS = QUANTUM + 50


def test_each_contact_of_an_import_is_told_of_once_with_all_that_was_entered(firm: Firm, shop: Receiver) -> None:
    made = hook(firm, shop.url)
    launch(firm, draft(firm, many(ROWS)))
    work_off(firm)

    forward(firm.app)

    told = [one.payload["data"] for one in made.deliveries() if one.payload]
    assert set(Counter(data["id"] for data in told).values()) == {1}
    assert len(told) == ROWS
    assert all("points" in data["changed"] and "family_name" in data["changed"] for data in told)
    assert {one.payload["type"] for one in made.deliveries() if one.payload} == {"contact.created"}


def test_what_was_sent_before_the_rest_of_its_transaction_came_is_followed_by_the_rest(
    firm: Firm, shop: Receiver
) -> None:
    made, record_id = hook(firm, shop.url), str(new_id())

    for number, state in enumerate((DeliveryState.SENT, DeliveryState.PENDING)):
        with firm.work() as session:
            said = {"type": "contact.updated", "timestamp": "", "data": {"id": record_id, "change_id": str(number)}}
            making.put([making.message(f"{made.id}:{record_id}:1", made.id, said, due_at=clock.now())])
            session.execute(update(Delivery).values(state=state))

    assert [one.payload["data"]["change_id"] for one in made.deliveries() if one.payload] == ["0", "1"]
