"""One firm asks for more than its share: every worker of the house is a process of its own, as `./run` starts them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from app.exports.actions import AT_ONCE
from deploy.local import launch
from deploy.local.given import Given
from tests.app.imports.lists import columns, count, many, stored, upload
from tests.app.imports.lists import launch as launch_import
from tests.app.schedule.processes import process, until
from tests.app.webhooks.hooks import hook
from tests.colleagues import only_owners
from tests.firms import Firm
from tests.receiver import receiver
from tests.records import add_many

EXPORTS = 195
"""As many as a firm may have waiting, nearly: JOBS_WAITING is 200 unless set."""

SECONDS = 30.0


@contextmanager
def workers_of_the_house(folder: Path) -> Iterator[None]:
    """With the lanes that each has there, and the scheduler."""
    house = launch.processes_of(Given(home=folder, port=8000, provisioner_url=None, redis_url=None), live_port=8001)
    with ExitStack() as stack:
        for child in house:
            _python, _kontor, *command = child.command
            if command[0] in {"worker", "scheduler"}:
                stack.enter_context(process(" ".join(command), folder / f"{child.name}.log"))
        yield


def ask_for_exports(firm: Firm) -> None:
    add_many(firm, "contact", [{"family_name": f"Nr. {number}"} for number in range(AT_ONCE + 1)])
    client = firm.client()
    for _ in range(EXPORTS):
        answer = client.post(f"{firm.url}/exports", data={"entity": "contact", "format": "csv", "query": ""})
        assert answer.status_code == 303, answer.text


def import_two_rows(firm: Firm) -> UUID:
    answer = upload(firm, many(2).encode())
    import_id = UUID(answer.location.rpartition("/")[2])
    until(lambda: columns(firm, import_id))
    launch_import(firm, import_id)
    until(lambda: stored(firm, import_id).state == "done")
    return import_id


def waiting(firm: Firm) -> int:
    return count(firm, "jobs WHERE state = 'pending'")


@pytest.mark.timeout(300)
def test_beside_195_exports_of_one_firm_another_imports_and_tells_its_webhook_in_no_time(
    acme: Firm, globex: Firm, tmp_path: Path
) -> None:
    only_owners(globex)
    ask_for_exports(acme)
    with receiver() as shop, workers_of_the_house(tmp_path):
        hook(globex, shop.url, events=("created",))
        until(lambda: waiting(acme) < EXPORTS)

        began = time.monotonic()
        import_id = import_two_rows(globex)
        until(lambda: len(shop.calls) == 2)
        took = time.monotonic() - began
        left = waiting(acme)

    assert stored(globex, import_id).created == count(globex, "contacts") == 2
    assert took < SECONDS
    assert left > EXPORTS / 2
