"""What a program is told of its user's notifications, and of what the firm has used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.notifications.models import Event, Notification
from tenants import clock
from tenants.db import new_id
from tests.colleagues import colleague, only_owners
from tests.firms import Firm, Reset
from tests.programs import program


@pytest.fixture(autouse=True)
def _only_the_owner_stays(acme: Firm, reset: Reset) -> Iterator[None]:
    yield
    reset()
    only_owners(acme)


def tell(firm: Firm, user_id: UUID, *, times: int = 1) -> list[UUID]:
    """The oldest first."""
    with firm.work() as session:
        told = [
            Notification(
                id=new_id(),
                key=f"{user_id}:{number}",
                user_id=user_id,
                rule="new-complaint",
                event=Event.CREATED,
                subject="complaint",
                record_id=new_id(),
                title=f"R-2026-{number:04} The pump leaks.",
                at=clock.now() + timedelta(seconds=number),
            )
            for number in range(times)
        ]
        session.add_all(told)
    return [one.id for one in told]


def test_a_program_reads_what_its_user_was_told_and_says_that_it_was_read(acme: Firm) -> None:
    (first,) = tell(acme, acme.owner_id)
    shop, address = program(acme), f"{acme.url}/api/v1/notifications"

    listed = shop.get(address).json["items"]
    marked = shop.put(f"{address}/{first}/read").json
    unread = shop.get(f"{address}?state=unread").json["items"]

    assert [(one["id"], one["title"], one["read_at"]) for one in listed] == [
        (str(first), "R-2026-0000 The pump leaks.", None)
    ]
    assert listed[0]["sentence"] == "Kontor has entered this."
    assert marked["read_at"] is not None
    assert unread == []
    assert shop.get(f"{address}/{first}").json == marked


def test_pages_of_the_inbox_leave_nothing_out(acme: Firm) -> None:
    ids = tell(acme, acme.owner_id, times=5)
    shop, seen, cursor = program(acme), [], {}

    while True:
        page = shop.get(f"{acme.url}/api/v1/notifications", query_string={"page_size": 2, **cursor}).json
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert seen == [str(one) for one in reversed(ids)]


def test_what_another_was_told_is_not_there(acme: Firm) -> None:
    bodo = colleague(acme)
    (theirs,) = tell(acme, bodo.user_id)
    shop = program(acme)

    listed = shop.get(f"{acme.url}/api/v1/notifications").json
    answers = [
        shop.get(f"{acme.url}/api/v1/notifications/{theirs}"),
        shop.put(f"{acme.url}/api/v1/notifications/{theirs}/read"),
    ]

    assert listed["items"] == []
    assert [answer.status_code for answer in answers] == [404, 404]


def test_the_month_so_far_is_told_to_whoever_runs_the_firm(acme: Firm) -> None:
    member = colleague(acme)
    shop, address = program(acme), f"{acme.url}/api/v1/usage"

    now = shop.get(address).json
    refused = program(acme, user_id=member.user_id).get(address)

    assert now["month"] == str(clock.now().astimezone(ZoneInfo(acme.scope.timezone)))[:7]
    assert now["cents"] == sum(line["cents"] for line in now["charges"])
    assert now["days"][-1]["day"] >= str(clock.now() - timedelta(days=1))[:10]
    assert refused.status_code == 403


@pytest.mark.parametrize("month", ["2999-01", "2026-13", "2026-1", "soon", "2099-12"])
def test_a_month_that_is_none_or_has_not_begun_is_refused(acme: Firm, month: str) -> None:
    answer = program(acme).get(f"{acme.url}/api/v1/usage", query_string={"month": month})

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["month"]
