"""`python -m benchmarks.beside PORT SILENT_PORT`: how the other firms fare while one asks for more than its share.

Needs the whole house; SILENT_PORT is a server that takes whatever comes and never answers, where mails go, too. Prints
JSON: for a quiet house and for each trouble the p99 of another firm's page, of its notices, and its import of two rows.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.contacts.models import Contact
from app.exports import jobs
from app.exports.models import Export, ExportFormat, ExportState
from app.factory import create_app
from app.users.models import User
from app.webhooks import actions as webhooks
from app.webhooks.actions import Wish
from app.webhooks.models import Webhook
from benchmarks import data, forwarding, journeys
from benchmarks.client import Client, Refused, Request
from benchmarks.forwarding import Firm
from benchmarks.sizes import SLUG, small_slug
from tenants import registry
from tenants.context import Origin, Scope, tenant_scope
from tenants.db import new_id, unit_of_work
from tenants.jobs import later

_OTHERS = range(4)
_PAGES, _ROUNDS = 60, 6
_EXPORTS, _CHANGES = 195, 50
_CARD = "BEGIN:VCARD\nFN" + ';TYPE="' + 'a"b;' * 15_000 + "\nFN:Ada Lovelace\nEND:VCARD\n"
_CALLED_OFF = update(Export).where(Export.state == ExportState.WRITING).values(state=ExportState.STOPPED)


def main(port: int, silent_port: int) -> None:
    with create_app().app_context():
        scope, client = registry.named(SLUG).scope(), Client(port)
        client.log_in()
        others = [forwarding.prepared(small_slug(number)) for number in _OTHERS]
        found = {"quiet": _measured(client, others)}
        for name, trouble in _troubles(scope, client, silent_port).items():
            with trouble():
                found[name] = _measured(client, others)
            forwarding.until_quiet()
    sys.stdout.write(json.dumps(found))


Trouble = Callable[[], Any]


def _troubles(scope: Scope, client: Client, silent_port: int) -> dict[str, Trouble]:
    return {
        "195 exports": lambda: exports(scope),
        "hostile files": lambda: hostile_files(client.twin()),
        "silent webhook": lambda: silent_webhook(scope, f"http://127.0.0.1:{silent_port}/"),
        "silent mail server": lambda: many_mails(client.twin()),
    }


def _measured(client: Client, others: Sequence[Firm]) -> dict[str, float]:
    pages, saved = [], []
    for number in range(_PAGES):
        slug = small_slug(_OTHERS[number % len(_OTHERS)])
        pages.append(client.send(Request(path=f"/{slug}/contacts")).seconds * 1000)
        if number < _ROUNDS * len(others):
            saved.append(forwarding.touch(others[number % len(others)]))
    told = forwarding.told(others, saved)
    began = time.monotonic()
    file = data.list_to_import(2, seed=str(new_id()))
    client.begin(f"/{small_slug(0)}/")
    journeys.import_and_wait(client, file, database_url=os.environ["PROVISIONER_URL"], slug=small_slug(0))
    return {
        "page_p99_ms": forwarding.spread(pages)["p99_ms"],
        "told_p99_ms": forwarding.spread(told)["p99_ms"],
        "import_seconds": time.monotonic() - began,
    }


@contextmanager
def exports(scope: Scope) -> Iterator[None]:
    """Of a whole list each; what is not written by the end is called off."""
    with tenant_scope(scope, origin=Origin(source="web")), unit_of_work() as session:
        owner_id = session.scalars(select(User.id).limit(1)).one()
        for _ in range(_EXPORTS):
            later(jobs.write, export_id=str(_export(session, owner_id).id))
    yield
    with tenant_scope(scope), unit_of_work() as session:
        session.execute(_CALLED_OFF)


def _export(session: Any, owner_id: UUID) -> Export:
    wanted = {"words": "", "sort": "name", "filters": {}, "columns": []}
    one = Export(
        id=new_id(), entity="contact", format=ExportFormat.XLSX, locale="de", wanted=wanted, total=0, author_id=owner_id
    )
    session.add(one)
    session.flush()
    return one


@contextmanager
def hostile_files(client: Client) -> Iterator[None]:
    """One after the other, without a pause."""
    card = Request(path=f"/{SLUG}/imports/new", form={"entity": "contact"}, file=_CARD.encode(), file_name="ada.vcf")
    with _all_the_time(lambda: client.send(card)):
        yield


@contextmanager
def silent_webhook(scope: Scope, address: str) -> Iterator[None]:
    with tenant_scope(scope, origin=Origin(source="web")), unit_of_work() as session:
        webhook, _ = webhooks.add(Wish(name="Silent", address=address, kinds=["contact"], events=["changed"]))
        webhook_id = webhook.id
        some = select(Contact.id).limit(_CHANGES)
        session.execute(update(Contact).where(Contact.id.in_(some)).values(title=str(new_id())[-12:]))
    yield
    with tenant_scope(scope), unit_of_work() as session:
        session.execute(update(Webhook).where(Webhook.id == webhook_id).values(active=False))


@contextmanager
def many_mails(client: Client) -> Iterator[None]:
    """To people who forgot their password, as it seems."""
    number = iter(range(10**6))

    def ask() -> None:
        client.begin("/signup")
        form = {"firm": "Many", "name": "Many", "email": f"many{next(number)}@many.example", "locale": "de"}
        client.send(Request(path="/signup", form=form))
        time.sleep(0.2)

    with _all_the_time(ask):
        yield


@contextmanager
def _all_the_time(work: Callable[[], Any]) -> Iterator[None]:
    stop = Event()

    def keep() -> None:
        while not stop.is_set():
            # What is refused was asked for all the same.
            with suppress(Refused, OSError):
                work()

    thread = Thread(target=keep)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
