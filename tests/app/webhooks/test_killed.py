"""kill -9 of the worker while it sends: nothing is lost, and what comes twice comes under the same id."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.notifications.models import DeliveryState
from tenants import engines
from tests.app.schedule.processes import process, until
from tests.app.webhooks.hooks import Hook, hook
from tests.firms import Firm
from tests.receiver import Receiver
from tests.records import add_many

CONTACTS = 30
KILLS = 3


@pytest.mark.timeout(300)
def test_a_killed_worker_loses_nothing_and_sends_at_most_one_copy_more(
    firm: Firm, shop: Receiver, tmp_path: Path
) -> None:
    made, shop.seconds = hook(firm, shop.url), 0.4
    add_many(firm, "contact", [{"family_name": f"Nr. {number}"} for number in range(CONTACTS)])

    with process("scheduler", tmp_path / "scheduler"):
        for number in range(KILLS):
            with process("worker", tmp_path / f"worker {number}"):
                # It is in the middle of calls that nobody has answered yet, and is killed there.
                seen = len(shop.calls)
                until(lambda seen=seen: len(shop.calls) > seen)
            a_minute_later()
        with process("worker", tmp_path / "worker"):
            until(lambda: is_done(made))

    copies = Counter(call.id for call in shop.calls)
    names = {call.json["data"]["new"]["family_name"] for call in shop.calls}
    assert set(copies) == {str(one.id) for one in made.deliveries()}
    assert len(copies) == len(names) == CONTACTS
    assert max(copies.values()) <= 1 + KILLS
    assert CONTACTS < sum(copies.values()) <= CONTACTS + KILLS * 10


def a_minute_later() -> None:
    """What a killed worker had claimed is due again."""
    with engines.provisioner() as sql:
        sql.execute("INSERT INTO platform.clock_offset VALUES (90)")


def is_done(made: Hook) -> bool:
    return {one.state for one in made.deliveries()} == {DeliveryState.SENT}
