"""The inbox and the bell: what somebody must know, until they have read it."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from app.notifications import actions
from app.notifications.actions import Notice
from app.notifications.models import Channel, Event
from tenants import clock, memory
from tests.app.escalation.stories import complain
from tests.colleagues import colleague
from tests.firms import Firm, counted_statements


def tell(
    firm: Firm, *keys: str, user_id: UUID | None = None, record_id: UUID | None = None, by_mail: bool = False
) -> None:
    record_id = record_id or complain(firm)
    with firm.work():
        actions.notify(
            [
                Notice(
                    key=key,
                    user_id=user_id or firm.owner_id,
                    rule="new-complaint",
                    event=Event.CREATED,
                    subject="complaint",
                    record_id=record_id,
                    title=f"Told as {key}",
                    at=clock.now(),
                    channels=(Channel.IN_APP, Channel.MAIL) if by_mail else (Channel.IN_APP,),
                )
                for key in keys
            ]
        )


def bell(firm: Firm) -> str:
    return firm.client().get(f"{firm.url}/notifications/bell").text


def test_what_is_told_twice_is_told_once(acme: Firm) -> None:
    record_id = complain(acme)
    tell(acme, "one", "one", record_id=record_id)
    tell(acme, "one", record_id=record_id)

    assert acme.client().get(f"{acme.url}/notifications").text.count("Told as one") == 1
    assert "Notifications, 1 unread" in bell(acme)


def test_whoever_opens_a_notification_comes_to_the_record_and_has_read_it(acme: Firm) -> None:
    record_id = complain(acme)
    tell(acme, "one", record_id=record_id)
    client = acme.client()
    page = client.get(f"{acme.url}/notifications").text
    address = page.partition("data-row")[0].rpartition('href="')[2].partition('"')[0]

    there = client.get(address)

    assert there.location.endswith(f"/complaints/{record_id}")
    assert "unread" not in bell(acme)


def test_all_are_read_at_once(acme: Firm) -> None:
    tell(acme, "one", "two", "three")

    acme.client().post(f"{acme.url}/notifications/read")

    assert "unread" not in bell(acme)
    assert "unread" not in acme.client().get(f"{acme.url}/notifications").text


def test_nobody_reads_what_was_told_to_somebody_else(acme: Firm) -> None:
    bodo = colleague(acme)
    tell(acme, "secret", user_id=bodo.user_id)

    mine = acme.client().get(f"{acme.url}/notifications").text
    theirs = bodo.client().get(f"{acme.url}/notifications").text

    assert "Told as secret" not in mine
    assert "Told as secret" in theirs
    address = theirs.partition("data-row")[0].rpartition('href="')[2].partition('"')[0]
    assert acme.client().get(address).status_code == 404
    assert "1 unread" in bodo.client().get(f"{acme.url}/notifications/bell").text


def test_more_than_a_page_is_read_page_by_page_and_the_bell_does_not_count_for_ever(acme: Firm) -> None:
    tell(acme, *(f"n{number:03}" for number in range(120)))
    client, seen, address = acme.client(), set(), f"{acme.url}/notifications"

    for _ in range(3):
        page = client.get(address).text
        seen |= {f"n{number:03}" for number in range(120) if f"Told as n{number:03}" in page}
        further = re.search(r'href="([^"]*/notifications\?before=[^"]*)"', page)
        address = further[1] if further else address

    assert len(seen) == 120
    assert "99+" in bell(acme)


@pytest.mark.parametrize("path", ["", "contacts"])
def test_the_bell_costs_a_page_no_statement_while_nothing_happens(acme: Firm, path: str) -> None:
    client, address = acme.client(), f"{acme.url}/{path}"
    client.get(address)

    with counted_statements(acme.app) as statements:
        client.get(address)

    assert not [one for one in statements if "notifications" in one]


def test_without_redis_the_bell_still_counts(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(acme, "one")
    monkeypatch.setattr(memory, "stamps", lambda _names: None)

    assert "1 unread" in bell(acme)
