"""A rule that fails, and what is stored and cannot be read: everybody else is told all the same."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from app.escalation import defaults, matching, queries
from app.escalation.models import SetAside
from app.escalation.rules import Definition
from tests.app.escalation.stories import complain
from tests.app.escalation.test_rule_pages import add_rule, rules_of
from tests.colleagues import colleague
from tests.firms import Firm
from tests.forwarding import forward, told
from tests.tenants.attacks import as_operator

NONSENSE = ["[1, 2, 3]", '"a text"', '{"subject": "complaint", "events": 7}', "{}"]


def set_aside(firm: Firm) -> list[SetAside]:
    with firm.work() as session:
        return list(session.scalars(select(SetAside).order_by(SetAside.created_at)))


def left(firm: Firm) -> int:
    with firm.work() as session:
        return int(session.scalar(text("SELECT count(*) FROM unrouted")) or 0)


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys of rules that fail with whatever they are asked about."""
    failing: list[str] = []
    as_it_is = matching.is_met

    def is_met(definition: Definition, *asked: Any, **moment: Any) -> bool:
        if any(definition == rule.definition for rule in queries.all_rules() if rule.key in failing):
            raise ZeroDivisionError("as expected")
        return as_it_is(definition, *asked, **moment)

    monkeypatch.setattr(matching, "is_met", is_met)
    return failing


def test_a_change_with_which_a_rule_fails_is_set_aside_and_the_other_rules_tell_of_it(
    desk: Firm, poison: list[str]
) -> None:
    cora = colleague(desk, name="Cora Chef", role="admin")
    bad = add_rule(desk, name="Fails")
    forward(desk.app)
    poison.append(str(bad))

    complain(desk)
    complain(desk, what="The valve leaks.")
    forward(desk.app)

    assert {(one.user_id, one.rule) for one in told(desk)} == {(cora.user_id, "new-complaint")}
    assert len(told(desk)) == 2
    assert {(one.rule, one.error) for one in set_aside(desk)} == {(str(bad), "ZeroDivisionError: as expected")}
    assert len({one.change_id for one in set_aside(desk)}) == len(set_aside(desk)) == 2
    assert left(desk) == 0


@pytest.mark.parametrize("stored", NONSENSE)
def test_a_stored_rule_that_cannot_be_read_is_shown_switched_off_and_can_be_deleted(desk: Firm, stored: str) -> None:
    cora = colleague(desk, name="Cora Chef", role="admin")
    bad = add_rule(desk, name="Broken one")
    as_operator(f"UPDATE {desk.scope.pg_schema}.rules SET definition = '{stored}' WHERE id = '{bad}'")

    complain(desk)
    forward(desk.app)
    visitor = desk.client()
    pages = [visitor.get(f"{desk.url}/rules{rest}") for rest in ("", f"/{bad}", f"/{bad}/edit")]
    deleted = visitor.post(f"{desk.url}/rules/{bad}/delete")

    assert [(one.user_id, one.rule) for one in told(desk)] == [(cora.user_id, "new-complaint")]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "It was switched off because it cannot be understood any more." in pages[0].text
    assert "It was switched off because it cannot be understood any more." in pages[1].text
    assert deleted.status_code == 303
    assert str(bad) not in rules_of(desk)


@pytest.mark.parametrize("week", ["[]", "7", '[["nine", "five"]]', "[[[1200, 300]], [], [], [], [], [], []]"])
def test_business_hours_that_make_no_sense_hold_up_nothing_and_can_be_written_anew(desk: Firm, week: str) -> None:
    colleague(desk, name="Cora Chef", role="admin")
    schema = desk.scope.pg_schema
    visitor = desk.client()
    visitor.post(f"{desk.url}/business-hours", data={"monday": "9:00–12:00", "region": "DE", "version": "1"})
    as_operator(f"UPDATE {schema}.business_hours SET week = '{week}'")

    complain(desk)
    forward(desk.app)
    rules_page, page = visitor.get(f"{desk.url}/rules"), visitor.get(f"{desk.url}/business-hours")

    with desk.work() as session:
        deadlines = session.scalars(text("SELECT due_at FROM deadlines")).all()
    assert deadlines
    assert defaults.BY_KEY["complaint-waits"].active
    assert all(deadlines)
    assert (rules_page.status_code, page.status_code) == (200, 200)
    assert "The business hours that are stored cannot be understood." in page.text
