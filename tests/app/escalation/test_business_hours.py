"""A firm says when it works, and what waits is reckoned by it at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app.escalation import deadlines, opening, queries
from app.escalation.models import Deadline
from tenants import clock
from tests.app.escalation.stories import complain, touch
from tests.app.escalation.test_deadlines import BERLIN, at
from tests.app.imports.lists import work_off
from tests.colleagues import colleague
from tests.firms import Firm, visitor_with_role
from tests.forwarding import forward
from tests.pages import form_values


def enter(firm: Firm, **entered: str | Sequence[str]) -> TestResponse:
    visitor, address = firm.client(), f"{firm.url}/business-hours"
    return visitor.post(address, data={**form_values(visitor.get(address).text), **entered})


def due(firm: Firm) -> datetime | None:
    """When the next level of the only complaint is told, in Berlin, to the minute."""
    with firm.work() as session:
        found = session.query(Deadline).one().due_at
    return (found + timedelta(seconds=30)).astimezone(BERLIN).replace(second=0, microsecond=0) if found else None


def moment(*when: int) -> datetime:
    return datetime(*when, tzinfo=BERLIN)  # type: ignore[arg-type, misc]


@pytest.fixture
def friday(desk: Firm) -> Firm:
    at(2026, 11, 20, 16, 0)
    complain(desk)
    forward(desk.app)
    return desk


def test_who_has_said_nothing_works_from_nine_to_five_in_the_whole_country(desk: Firm) -> None:
    page = desk.client().get(f"{desk.url}/business-hours").text

    shown = form_values(page)
    assert (shown["monday"], shown["friday"], shown["saturday"], shown["region"]) == (
        "09:00–17:00",
        "09:00–17:00",
        "",
        "DE",
    )


def test_a_deadline_that_runs_follows_the_new_hours_at_once(friday: Firm) -> None:
    before = due(friday)

    answer = enter(friday, friday="8-12, 13.30 - 16:30", monday="10–12, 14–18")

    assert answer.status_code == 303
    assert before == moment(2026, 11, 23, 10, 0)
    assert due(friday) == moment(2026, 11, 23, 11, 30)


def test_a_day_on_which_the_firm_is_closed_is_skipped(friday: Firm) -> None:
    answer = enter(friday, **{"exception-day": ["2026-11-23", "2026-11-24"], "exception-hours": ["", "14:00-16:00"]})

    assert answer.status_code == 303
    assert due(friday) == moment(2026, 11, 24, 15, 0)


def test_the_holidays_of_the_state_are_kept_and_shown(desk: Firm) -> None:
    at(2026, 11, 17, 16, 0)
    complain(desk)
    forward(desk.app)
    before = due(desk)

    enter(desk, region="DE-SN")

    assert before == moment(2026, 11, 18, 10, 0)
    assert due(desk) == moment(2026, 11, 19, 10, 0)
    assert "Repentance and Prayer Day" in desk.client().get(f"{desk.url}/business-hours").text


def test_changed_levels_of_a_rule_move_what_runs(friday: Firm) -> None:
    from tests.app.escalation.test_rule_pages import WAITS

    visitor, address = friday.client(), f"{friday.url}/rules/{WAITS}/edit"
    shown = form_values(visitor.get(address).text)

    saved = visitor.post(address, data={**shown, "level-0-after": "30", "level-0-unit": "minutes"})

    assert saved.status_code == 303
    assert due(friday) == moment(2026, 11, 20, 16, 30)


def test_many_deadlines_are_left_to_a_worker(desk: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    at(2026, 11, 20, 16, 0)
    for number in range(5):
        complain(desk, what=f"No. {number}")
    forward(desk.app)
    monkeypatch.setattr(deadlines, "_AT_ONCE", 2)

    enter(desk, friday="8-12, 13-16:30", monday="10-18")
    work_off(desk)

    with desk.work() as session:
        moments = [one.astimezone(BERLIN) for (one,) in session.query(Deadline.due_at)]
    assert [(one.day, one.hour, one.minute) for one in moments] == [(23, 11, 30)] * 5


def test_what_is_no_time_is_said_beside_its_day_and_nothing_is_saved(desk: Firm) -> None:
    for wrong in ("nine to five", "12-9", "9-25", "9:00-12:00, 11:00-13:00", "9:70-12"):
        answer = enter(desk, tuesday=wrong, monday="8-12")
        assert answer.status_code == 422, wrong
        assert form_values(answer.text).items() >= {"tuesday": wrong, "monday": "08:00–12:00"}.items()
        assert "Please write it as 9:00–12:00, 13:00–17:00" in answer.text
    never = {day.name: "" for day in opening.DAYS}
    nowhere = enter(desk, region="DE-XX")

    assert enter(desk, **never).status_code == 422
    assert nowhere.status_code == 422
    with desk.work():
        assert queries.hours().week == queries.usual_hours().week


def test_two_people_who_enter_hours_at_once_both_keep_what_they_entered(desk: Firm) -> None:
    mia = colleague(desk, name="Mia Sommer", role="admin")
    address = f"{desk.url}/business-hours"
    shown = form_values(desk.client().get(address).text)

    first = mia.client().post(address, data={**shown, "monday": "10-18"})
    disputed = desk.client().post(address, data={**shown, "monday": "7-15"})
    beside = desk.client().post(address, data={**shown, "friday": "9-13"})

    assert [one.status_code for one in (first, disputed, beside)] == [303, 409, 303]
    assert "Mia Sommer has changed this meanwhile:" in disputed.text
    found = form_values(desk.client().get(address).text)
    assert (found["monday"], found["friday"]) == ("10:00–18:00", "09:00–13:00")


def test_only_whoever_runs_the_firm_says_when_it_works(desk: Firm, globex: Firm) -> None:
    with visitor_with_role(desk, "member") as visitor:
        assert visitor.post(f"{desk.url}/business-hours", data={"monday": "1-2"}).status_code == 403

    enter(desk, monday="10-12")

    assert form_values(globex.client().get(f"{globex.url}/business-hours").text)["monday"] == "09:00–17:00"


def test_a_record_says_quietly_who_is_told_next(friday: Firm) -> None:
    with friday.work() as session:
        complaint: UUID = session.query(Deadline.record_id).scalar()
    visitor, address = friday.client(), f"{friday.url}/complaints/{complaint}?panels=all"

    waiting = visitor.get(address).text
    touch(friday, complaint, lambda found: found.acknowledge(by=friday.owner_id, at=clock.now()))
    forward(friday.app)
    done = visitor.get(address).text

    assert "Level 1 is told on Mon, 23 Nov, 10:00" in waiting
    assert "If nobody acts" in waiting
    assert "If nobody acts" not in done


spans = st.sets(st.integers(0, 1440), max_size=10).map(sorted).map(lambda s: list(zip(s[::2], s[1::2], strict=False)))
nights = st.tuples(st.integers(0, 1439), st.integers(1441, 2159)).filter(lambda s: s[1] - s[0] <= 720)


@given(spans | nights.map(lambda night: [night]))
def test_what_is_shown_of_a_day_means_the_day(day: list[tuple[int, int]]) -> None:
    assert opening.read_day(opening.written_day(day)) == day
