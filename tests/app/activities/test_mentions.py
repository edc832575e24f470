from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest

from app.activities.mentions import emphasised, found_in
from tests.app.activities.colleague import grace_of
from tests.firms import Firm
from tests.records import add_contact

PEOPLE = [(1, "Ada Owner"), (2, "Anna Berg"), (3, "Anna Kühn"), (4, "Jürgen Öz"), (5, "Anna-Lena Voß")]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Ada please", [1]),
        ("Ask @ada owner.", [1]),
        ("@Anna knows", []),
        ("@Anna Kühn, @Anna Berg and @Ada", [3, 2, 1]),
        ("@Anna-Lena", [5]),
        ("@jürgen", [4]),
        ("@Adam", []),
        ("mail ada@ada.example", []),
        ("Ada", []),
        ("@", []),
    ],
)
def test_only_a_name_that_one_person_has_means_somebody(text: str, named: list[int]) -> None:
    assert [found.who for found in found_in(text, PEOPLE)] == named


def test_a_mention_stands_out_and_everything_else_stays_text() -> None:
    assert emphasised("<i> @Ada & co", ["Ada Owner"]) == '&lt;i&gt; <b class="mention">@Ada</b> &amp; co'


@pytest.fixture
def grace(acme: Firm) -> Iterator[UUID]:
    with grace_of(acme) as user_id:
        yield user_id


def named(firm: Firm) -> dict[UUID, bool]:
    """Who is mentioned anywhere, and whether they have read it."""
    from app.activities.models import Mention

    with firm.work() as session:
        return {mention.user_id: mention.read_at is not None for mention in session.query(Mention)}


def write(firm: Firm, text: str) -> str:
    """The page of the contact on which it was written."""
    address = f"{firm.url}/activities/contact/{add_contact(firm)}"
    return firm.client().post(address, data={"kind": "note", "text": text}, follow_redirects=True).text


def test_a_colleague_who_is_named_has_something_to_read(acme: Firm, grace: UUID) -> None:
    page = write(acme, "Please call back, @Grace Hopper.")

    assert named(acme) == {grace: False}
    assert '<b class="mention">@Grace Hopper</b>' in page


def test_whom_a_text_may_name_does_not_depend_on_who_may_be_given_a_task(acme: Firm, grace: UUID) -> None:
    client = acme.client()
    page = client.get(f"{acme.url}/contacts/{add_contact(acme)}").text

    address = re.search(r'data-mentions="([^"]+)"', page)

    assert address
    assert '<option value="Grace Hopper">' in client.get(address[1]).text


def test_who_names_nobody_or_a_stranger_mentions_nobody(acme: Firm, grace: UUID) -> None:
    write(acme, "Ask @Nobody, or mail grace@acme.example.")

    assert named(acme) == {}


def test_correcting_an_entry_names_others_and_keeps_what_is_read(acme: Firm, grace: UUID) -> None:
    page = write(acme, "@Ada and @Grace")
    assert named(acme) == {acme.owner_id: True, grace: False}
    entry = re.search(rf"{acme.url}/activities/([0-9a-f-]{{36}})/edit", page)
    assert entry is not None

    acme.client().post(entry.group(0), data={"text": "Only @Ada, after all", "version": "1"})

    assert named(acme) == {acme.owner_id: True}


def unread(firm: Firm, user_id: UUID) -> None:
    from app.activities.models import Mention

    with firm.work() as session:
        session.query(Mention).filter(Mention.user_id == user_id).update({"read_at": None})


def test_a_mention_is_unread_until_it_is_opened(acme: Firm) -> None:
    write(acme, "Mine to read, @Ada")
    unread(acme, acme.owner_id)
    client = acme.client()
    page = client.get(f"{acme.url}/mentions").text
    assert "unread" in page
    door = re.search(rf"{acme.url}/mentions/[0-9a-f-]{{36}}/open", page)
    assert door is not None

    opened = client.post(door.group(0), follow_redirects=True)

    assert "<h1>Jürgen Müller</h1>" in opened.text
    assert "unread" not in client.get(f"{acme.url}/mentions").text


def test_all_mentions_are_read_at_once(acme: Firm) -> None:
    for number in range(3):
        write(acme, f"Number {number}, @Ada")
    unread(acme, acme.owner_id)

    page = acme.client().post(f"{acme.url}/mentions/read", follow_redirects=True).text

    assert "Number 2" in page
    assert "unread" not in page


def test_nobody_opens_what_names_somebody_else(acme: Firm, grace: UUID) -> None:
    from app.activities.models import Mention

    write(acme, "For @Grace")
    with acme.work() as session:
        mention_id = session.query(Mention.id).scalar()

    assert acme.client().post(f"{acme.url}/mentions/{mention_id}/open").status_code == 404
    assert named(acme) == {grace: False}
    assert "For " not in acme.client().get(f"{acme.url}/mentions").text


def test_mentions_come_a_page_at_a_time(acme: Firm) -> None:
    from app.activities import actions
    from app.activities.models import ActivityKind
    from app.core.entities import EntityRef
    from tenants import clock

    about = EntityRef("contact", add_contact(acme))
    with acme.work():
        for number in range(52):
            actions.record(ActivityKind.NOTE, body=f"Number {number}. @Ada", about=about, at=clock.now())

    first = acme.client().get(f"{acme.url}/mentions").text
    onwards = re.search(r'href="([^"]*before=[^"]*)"', first)

    assert "Number 51." in first
    assert "Number 1." not in first
    assert onwards is not None
    assert "Number 1." in acme.client().get(onwards.group(1)).text
