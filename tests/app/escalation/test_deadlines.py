"""Nobody acknowledges: who is told when, in business time, with a travelling clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.complaints import actions
from app.complaints.actions import Draft
from app.notifications.models import Event
from tenants import clock
from tests.app.escalation.stories import BERLIN, at, complain, touch
from tests.colleagues import Colleague, colleague
from tests.firms import Firm
from tests.forwarding import forward, told


@pytest.fixture
def cora(desk: Firm) -> Colleague:
    at(2026, 11, 20, 16, 0)
    return colleague(desk, name="Cora Chef", role="admin")


MANY = 150
"""More than are told in one turn."""


def late(firm: Firm) -> list[tuple[UUID, int]]:
    return [(one.user_id, one.level) for one in told(firm) if one.event is Event.LATE]


def test_a_complaint_of_friday_afternoon_is_late_on_monday_morning(desk: Firm, cora: Colleague) -> None:
    complain(desk)
    forward(desk.app)

    at(2026, 11, 23, 9, 59)
    forward(desk.app)
    early = late(desk)
    at(2026, 11, 23, 10, 1)
    forward(desk.app)

    assert early == []
    assert late(desk) == [(cora.user_id, 1)]


def test_levels_of_what_one_thing_brought_at_once_are_told_as_one(desk: Firm, cora: Colleague) -> None:
    complain_of_many(desk)
    complain(desk)
    forward(desk.app)

    at(2026, 11, 23, 10, 1)
    forward(desk.app)
    at(2026, 11, 23, 16, 1)
    forward(desk.app)

    found = sorted((one.user_id, one.level, one.number) for one in told(desk) if one.event is Event.LATE)
    assert found == sorted(
        (user, level, n) for user, level in ((cora.user_id, 1), (desk.owner_id, 2)) for n in (1, MANY)
    )
    page = desk.client().get(f"{desk.url}/notifications").text
    assert f"Nobody has acted on {MANY} records in time; they have reached level 2." in page


def complain_of_many(firm: Firm) -> None:
    with firm.work():
        for number in range(MANY):
            actions.enter(Draft(what=f"Pump {number} leaks."), at=clock.now())


def test_the_next_level_is_told_when_time_goes_on_and_nobody_acts(desk: Firm, cora: Colleague) -> None:
    complain(desk)
    forward(desk.app)
    at(2026, 11, 23, 10, 1)
    forward(desk.app)

    at(2026, 11, 23, 16, 1)
    forward(desk.app)

    assert late(desk) == [(cora.user_id, 1), (desk.owner_id, 2)]
    forward(desk.app)
    assert len(late(desk)) == 2


def test_whoever_acknowledges_in_time_hears_nothing_more(desk: Firm, cora: Colleague) -> None:
    complaint = complain(desk)
    forward(desk.app)
    touch(desk, complaint, lambda found: found.acknowledge(by=cora.user_id, at=clock.now()))
    forward(desk.app)

    at(2026, 11, 24, 16, 0)
    forward(desk.app)

    assert late(desk) == []


def test_it_was_acknowledged_a_moment_before_the_deadline_fired(desk: Firm, cora: Colleague) -> None:
    """The change is not forwarded yet: the deadline looks at the record itself."""
    from app.escalation import due
    from tenants import registry

    complaint = complain(desk)
    forward(desk.app)
    at(2026, 11, 23, 11, 0)
    touch(desk, complaint, lambda found: found.acknowledge(by=cora.user_id, at=clock.now()))

    with desk.app.app_context():
        due.act(registry.find(desk.scope.tenant_id))

    assert late(desk) == []


def test_after_an_outage_levels_that_were_missed_are_told_at_once_and_once(desk: Firm, cora: Colleague) -> None:
    complain(desk)
    forward(desk.app)

    at(2026, 11, 27, 12, 0)
    forward(desk.app)

    assert sorted(late(desk)) == sorted([(cora.user_id, 2), (desk.owner_id, 2)])


def test_what_is_taken_back_waits_anew(desk: Firm, cora: Colleague) -> None:
    complaint = complain(desk)
    forward(desk.app)
    touch(desk, complaint, lambda found: found.acknowledge(by=cora.user_id, at=clock.now()))
    forward(desk.app)
    at(2026, 11, 24, 9, 0)
    touch(desk, complaint, lambda found: found.withdraw_acknowledgement())
    forward(desk.app)

    at(2026, 11, 24, 10, 59)
    forward(desk.app)
    early = late(desk)
    at(2026, 11, 24, 11, 1)
    forward(desk.app)

    assert early == []
    assert late(desk) == [(cora.user_id, 1)]


def test_the_next_moment_is_known_to_the_relay_and_nothing_is_polled(desk: Firm, cora: Colleague) -> None:
    from tenants import registry

    complain(desk)
    forward(desk.app)

    with desk.app.app_context():
        due_at = registry.find(desk.scope.tenant_id).next_due_at

    assert due_at is not None
    assert abs(due_at - datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)) < timedelta(minutes=1)
