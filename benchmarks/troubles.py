"""What one firm does, or what goes wrong with it, that nobody else may notice; each lasts while it is entered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any
from uuid import UUID

import flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.contacts.models import Contact
from app.escalation.models import StoredRule
from app.exports import jobs
from app.exports.models import Export, ExportFormat, ExportState
from app.users.models import User
from app.webhooks import actions as webhooks
from app.webhooks.actions import Wish
from app.webhooks.models import Webhook
from benchmarks import poison
from benchmarks.client import Client, Refused, Request
from benchmarks.sizes import SLUG
from tenants import engines
from tenants.context import Origin, Scope, tenant_scope
from tenants.db import new_id, unit_of_work
from tenants.jobs import later

_ENTERED = Origin(source="web")
_EXPORTS, _CHANGES = 195, 50
_CARD = "BEGIN:VCARD\nFN" + ';TYPE="' + 'a"b;' * 15_000 + "\nFN:Ada Lovelace\nEND:VCARD\n"
_CALLED_OFF = update(Export).where(Export.state == ExportState.WRITING).values(state=ExportState.STOPPED)

Trouble = Callable[[], Any]


def all_of(scope: Scope, client: Client, silent_port: int) -> dict[str, Trouble]:
    return {
        "195 exports": lambda: exports(scope),
        "hostile files": lambda: hostile_files(client.twin()),
        "silent webhook": lambda: silent_webhook(scope, f"http://127.0.0.1:{silent_port}/"),
        "silent mail server": lambda: many_mails(client.twin()),
        "unreadable rule": lambda: unreadable_rule(scope),
        "poison job": lambda: poison_job(scope),
        "broken schema": lambda: broken_schema(scope),
    }


@contextmanager
def exports(scope: Scope) -> Iterator[None]:
    """Of a whole list each; what is not written by the end is called off."""
    with tenant_scope(scope, origin=_ENTERED), unit_of_work() as session:
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
    with tenant_scope(scope, origin=_ENTERED), unit_of_work() as session:
        webhook, _ = webhooks.add(Wish(name="Silent", address=address, kinds=["contact"], events=["changed"]))
        webhook_id = webhook.id
        _change_some(session)
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
def unreadable_rule(scope: Scope) -> Iterator[None]:
    """What is stored of it is no rule, and changes keep coming that it would have to be asked about."""
    with tenant_scope(scope, origin=_ENTERED), unit_of_work() as session:
        rule = StoredRule(name="Unreadable", definition=[1, 2, 3], active=True)
        session.add(rule)
        session.flush()
        rule_id = rule.id
    with _all_the_time(lambda: _change(scope)):
        yield
    with tenant_scope(scope), unit_of_work() as session:
        session.execute(delete(StoredRule).where(StoredRule.id == rule_id))


@contextmanager
def poison_job(scope: Scope) -> Iterator[None]:
    """It ends the worker that begins it, again with the next one, until it is given up."""
    with tenant_scope(scope, origin=_ENTERED), unit_of_work():
        later(poison.kill_the_worker)
    yield


@contextmanager
def broken_schema(scope: Scope) -> Iterator[None]:
    """Its changes cannot be taken up, and more and more of them wait."""
    with engines.provisioner() as sql:
        sql.execute(f"ALTER TABLE {scope.pg_schema}.router RENAME TO router_lost".encode())
        try:
            with _all_the_time(lambda: _change(scope)):
                yield
        finally:
            sql.execute(f"ALTER TABLE {scope.pg_schema}.router_lost RENAME TO router".encode())


def _change(scope: Scope) -> None:
    with tenant_scope(scope, origin=_ENTERED), unit_of_work() as session:
        _change_some(session)
    time.sleep(0.2)


def _change_some(session: Session) -> None:
    some = select(Contact.id).limit(_CHANGES)
    session.execute(update(Contact).where(Contact.id.in_(some)).values(title=str(new_id())[-12:]))


@contextmanager
def _all_the_time(work: Callable[[], Any]) -> Iterator[None]:
    stop, inside = Event(), flask.current_app.app_context

    def keep() -> None:
        while not stop.is_set():
            # What is refused was asked for all the same.
            with inside(), suppress(Refused, OSError):
                work()

    thread = Thread(target=keep)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
