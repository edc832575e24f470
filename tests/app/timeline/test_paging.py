"""Timelines page by page: whatever happened at one moment is told, each of it once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, text, update

from app.activities.models import Activity, Link
from app.complaints.models import Complaint
from app.contacts.models import Contact
from tests.firms import Firm
from tests.records import add_contact, add_many

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.pages.ENTRIES", 3)
    monkeypatch.setattr("app.timeline.views._PAGE", 3)


def pages(firm: Firm, address: str) -> Iterator[str]:
    """Of a timeline, from the newest to the oldest."""
    onwards: str | None = address
    while onwards:
        page = firm.client().get(onwards).text
        yield page
        found = re.search(r'href="([^"]*before=[^"]*)"', page)
        onwards = found[1].replace("&amp;", "&") if found else None


def told(firm: Firm, address: str, pattern: str) -> list[str]:
    return [found for page in pages(firm, address) for found in re.findall(pattern, page)]


def note(firm: Firm, contact_id: UUID, words: str) -> None:
    firm.client().post(f"{firm.url}/activities/contact/{contact_id}", data={"kind": "note", "text": words})


def test_notes_and_complaints_of_one_moment_are_told_beyond_a_page(acme: Firm) -> None:
    contact_id = add_contact(acme)
    for number in range(5):
        note(acme, contact_id, f"Thing {number}")
        acme.client().post(
            f"{acme.url}/complaints/new?of=contact:{contact_id}",
            data={"what": f"Thing {number + 5}", "from_whom": "Jürgen Müller"},
        )
    with acme.work() as session:
        session.execute(update(Activity).values(at=NOON))
        session.execute(update(Link).values(at=NOON))
        session.execute(update(Complaint).values(created_at=NOON))

    found = told(acme, f"{acme.url}/contacts/{contact_id}", r">\s*(Thing \d)")

    assert sorted(found) == [f"Thing {number}" for number in range(10)]


def test_changes_of_one_statement_are_told_beyond_a_page_of_what_one_follows(acme: Firm) -> None:
    ids = add_many(acme, "contact", [{"family_name": f"Name {number}"} for number in range(5)])
    for contact_id in ids:
        acme.client().put(f"{acme.url}/follows/contact/{contact_id}")
        note(acme, contact_id, "Noted")
    with acme.work() as session:
        session.execute(update(Contact).values(family_name=func.concat("Changed ", Contact.sort_key)))

    found = told(acme, f"{acme.url}/follows", r"<ins>(Changed [^<]*)</ins>")

    assert len(found) == len(set(found)) == len(ids)


def test_what_was_changed_in_one_go_is_not_told_again_on_the_next_page(acme: Firm) -> None:
    contact_id = add_contact(acme)
    for number in range(4):
        with acme.work() as session:
            session.execute(update(Contact).values(family_name=f"Name {number}"))
            session.execute(text("SELECT pg_sleep(0.001)"))
            session.execute(update(Contact).values(given_name=f"Given {number}"))
        note(acme, contact_id, "Noted")

    heads = told(acme, f"{acme.url}/contacts/{contact_id}", r"timeline-head")

    assert len(heads) == 1 + 2 * 4
