"""Home is put together once as long as nobody writes anything, and never tells what is no longer so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import text, update

from app.contacts.models import Contact
from app.core.entities import create_records, entity_types
from tenants import clock, memory
from tenants.db import db
from tests.colleagues import colleague
from tests.firms import Firm, Visitor, counted_statements, ring
from tests.records import add_contact, add_many


@pytest.fixture(autouse=True)
def early_in_a_minute(app: Flask) -> Iterator[None]:
    """What is kept goes with the minute in which it was put together."""
    early = timedelta(seconds=1 - clock.now().second)
    clock.travel_with(lambda: early)
    yield
    clock.travel_with(timedelta)


def home(firm: Firm, visitor: Visitor | None = None) -> str:
    page = (visitor or firm.client()).get(f"{firm.url}/").text
    return page[page.index("<main") :]


def statements_of_home(firm: Firm) -> int:
    with counted_statements(firm.app) as counted:
        home(firm)
    return len(counted)


def rename_past_the_session(contact_id: UUID) -> None:
    db.session.execute(text("UPDATE contacts SET display_name = 'Neu' WHERE id = :id"), {"id": contact_id})


def rename_many(contact_id: UUID) -> None:
    db.session.execute(update(Contact).where(Contact.id == contact_id).values(display_name="Neu"))


def rename(contact_id: UUID) -> None:
    db.session.get_one(Contact, contact_id).display_name = "Neu"


def copy_many(_contact_id: UUID) -> None:
    create_records(entity_types.named("contact"), [{"family_name": "Neu"}, {"family_name": "Neu"}])


def test_it_is_put_together_once(acme: Firm) -> None:
    add_contact(acme)
    ring(acme)
    home(acme)
    add_contact(acme)

    anew, kept = statements_of_home(acme), statements_of_home(acme)

    assert kept == 1 < anew <= 5
    assert "Jürgen Müller" in home(acme)


@pytest.mark.parametrize("write", [rename, rename_many, rename_past_the_session, copy_many])
def test_whatever_writes_is_told_at_once(acme: Firm, write: Callable[[UUID], None]) -> None:
    contact = add_contact(acme)
    assert "Neu" not in home(acme)

    with acme.work():
        write(contact)

    assert "Neu" in home(acme)


def test_what_is_not_saved_is_not_told(acme: Firm) -> None:
    contact = add_contact(acme)
    home(acme)
    with pytest.raises(ZeroDivisionError), acme.work():
        rename(contact)
        raise ZeroDivisionError

    ring(acme)
    assert statements_of_home(acme) == 1


def test_a_firm_is_not_disturbed_by_another(acme: Firm, globex: Firm) -> None:
    add_contact(acme)
    ring(acme)
    home(acme)

    add_contact(globex, family_name="Fremd")

    assert statements_of_home(acme) == 1
    assert "Fremd" not in home(acme)
    assert "Fremd" in home(globex)


def test_everybody_has_their_own(acme: Firm) -> None:
    add_contact(acme)
    bodo = colleague(acme)

    for _ in range(2):
        assert "Ada" in re.findall(r"<h1>(.*?)</h1>", home(acme))[0]
        assert "Bodo" in re.findall(r"<h1>(.*?)</h1>", home(acme, bodo.client()))[0]


def test_it_speaks_the_language_that_was_chosen_last(acme: Firm) -> None:
    from tenants.db import platform_work
    from tenants.models import Identity

    add_contact(acme)
    assert "Recently changed" in home(acme)
    try:
        with acme.app.app_context(), platform_work() as session:
            session.get_one(Identity, acme.identity_id).locale = "de"
        assert "Recently changed" not in home(acme)
    finally:
        with acme.app.app_context(), platform_work() as session:
            session.get_one(Identity, acme.identity_id).locale = "en"


def test_what_was_just_now_is_not_for_ever(acme: Firm) -> None:
    add_contact(acme)
    assert "just now" in home(acme)
    clock.travel_with(lambda: timedelta(minutes=2))
    try:
        assert "just now" not in home(acme)
    finally:
        clock.travel_with(timedelta)


def test_without_redis_it_is_put_together_each_time(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    add_contact(acme)
    home(acme)
    away = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(memory, "_client", lambda: away)
    monkeypatch.setattr(memory, "_silent_until", 0.0)

    add_many(acme, "contact", [{"family_name": "Neu"}])

    assert "Neu" in home(acme)
    assert statements_of_home(acme) > 1


def test_who_writes_says_so_in_one_round_trip(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    contact = add_contact(acme)
    trips: list[int] = []
    send = memory._all_at_once
    monkeypatch.setattr(memory, "_all_at_once", lambda told: trips.append(len(told)) or send(told))

    with acme.work():
        rename(contact)

    assert trips == [2]
    with acme.work():
        assert db.session.get_one(Contact, contact).display_name == "Neu"
    assert len(trips) == 1
