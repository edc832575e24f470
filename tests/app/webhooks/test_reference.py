from __future__ import annotations

import json

from flask import Flask

from app.rest.examples import WEBHOOK
from tests.app.webhooks.hooks import hook
from tests.firms import Firm, Visitor
from tests.forwarding import forward
from tests.receiver import Receiver
from tests.records import add_contact


def test_the_reference_shows_a_webhook_as_it_is(firm: Firm, shop: Receiver) -> None:
    hook(firm, shop.url)
    add_contact(firm)
    forward(firm.app)

    head, _, body = WEBHOOK.partition("\n\n")
    example = json.loads(body)

    (call,) = shop.calls
    assert set(example) == set(call.json)
    assert set(example["data"]) == set(call.json["data"])
    assert all(name in call.headers for name in [line.partition(":")[0] for line in head.splitlines()[1:]])


def test_whoever_writes_a_receiver_finds_it_in_the_reference(app: Flask) -> None:
    page = Visitor(app).get("/api-reference").text

    assert "webhook-signature" in page
    assert 'id="webhooks"' in page
