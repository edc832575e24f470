"""A rule that begins to work takes up what waits already, from now on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from app.escalation import actions, catching_up, defaults
from app.escalation.models import Deadline
from app.escalation.rules import Definition, Level, Telling
from app.notifications.models import Event
from tenants import clock
from tests.app.escalation.stories import at, complain, touch
from tests.firms import Firm
from tests.forwarding import forward, told

WAITS = defaults.BY_KEY["complaint-waits"].definition
IN_AN_HOUR = replace(WAITS, levels=(Level(after=60, telling=Telling(to=("role:owner",))),))


@pytest.fixture
def waiting(desk: Firm) -> UUID:
    """A complaint of Monday that nobody has acknowledged, in a firm without the rules that everybody starts with."""
    at(2026, 11, 23, 9, 0)
    with desk.work():
        for rule_id in defaults.BY_ID:
            actions.switch_off(actions.rule_to_change(rule_id))
    complaint = complain(desk)
    forward(desk.app)
    at(2026, 11, 24, 9, 0)
    return complaint


def add(firm: Firm, definition: Definition = IN_AN_HOUR, *, active: bool = True) -> UUID:
    with firm.work():
        rule_id = actions.add_rule(name="Hurry", definition=definition, active=active)
    forward(firm.app)
    return rule_id


def deadlines(firm: Firm) -> list[tuple[UUID, datetime]]:
    with firm.work() as session:
        return [(one.record_id, one.began_at) for one in session.scalars(select(Deadline))]


def late(firm: Firm) -> list[UUID]:
    return [one.record_id for one in told(firm) if one.event is Event.LATE and one.record_id]


def test_what_waits_since_yesterday_is_told_an_hour_after_the_rule_begins(desk: Firm, waiting: UUID) -> None:
    add(desk)

    at(2026, 11, 24, 9, 58)
    forward(desk.app)
    early = late(desk)
    at(2026, 11, 24, 10, 1)
    forward(desk.app)

    assert (early, late(desk)) == ([], [waiting])


def test_what_is_done_already_is_left_alone(desk: Firm, waiting: UUID) -> None:
    touch(desk, waiting, lambda found: found.acknowledge(by=desk.owner_id, at=clock.now()))
    add(desk)

    assert deadlines(desk) == []


def test_a_rule_takes_up_what_waits_when_it_is_switched_on(desk: Firm, waiting: UUID) -> None:
    rule_id = add(desk, active=False)
    before = deadlines(desk)
    with desk.work():
        actions.switch_on(actions.rule_to_change(rule_id))
    forward(desk.app)

    assert before == []
    assert [record_id for record_id, _ in deadlines(desk)] == [waiting]


def test_what_waits_already_goes_on_when_its_rule_changes(desk: Firm, waiting: UUID) -> None:
    rule_id = add(desk)
    begun = deadlines(desk)
    at(2026, 11, 24, 9, 30)
    with desk.work():
        actions.change_rule(actions.rule_to_change(rule_id), name="Hurry more", definition=IN_AN_HOUR)
    forward(desk.app)

    assert deadlines(desk) == begun
    assert len(begun) == 1


def test_a_rule_that_was_switched_off_meanwhile_takes_up_nothing(desk: Firm, waiting: UUID) -> None:
    with desk.work():
        rule_id = actions.add_rule(name="Hurry", definition=IN_AN_HOUR, active=True)
    with desk.work():
        actions.switch_off(actions.rule_to_change(rule_id))
    forward(desk.app)

    assert deadlines(desk) == []


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_however_many_wait_none_is_forgotten(
    desk: Firm, waiting: UUID, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    every = {waiting, *(complain(desk, what=f"No. {number}") for number in range(4))}
    forward(desk.app)
    monkeypatch.setattr(catching_up, "_AT_ONCE", at_once)

    add(desk)

    assert {record_id for record_id, _ in deadlines(desk)} == every
