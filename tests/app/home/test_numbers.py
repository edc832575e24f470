"""Home tells a few numbers, drawn week by week, without counting at each visit."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app.complaints import actions as complaints
from app.complaints import queries as complaint_queries
from app.complaints.actions import Draft
from app.core import charts
from app.tasks import actions as tasks
from app.tasks.actions import Plan
from tenants import cache, clock
from tests.firms import Firm, counted_statements
from tests.records import add_contact


def _numbers(firm: Firm) -> dict[str, str]:
    page = firm.client().get(f"{firm.url}/").text
    return dict(re.findall(r"<small>([^<]+)</small><b>([^<]+)</b><svg", page))


def _told(firm: Firm, about: str) -> list[int]:
    page = firm.client().get(f"{firm.url}/").text
    return [int(count) for count in re.findall(rf"<title>{about}</title><desc>[^:]*: ([\d, ]+)", page)[0].split(",")]


def test_what_is_open_overdue_and_new_is_counted(acme: Firm) -> None:
    for _ in range(3):
        add_contact(acme)
    with acme.work():
        complaints.enter(Draft(what="The pump leaks."), at=clock.now())
        yesterday = clock.today() - timedelta(days=1)
        tasks.add(Plan(text="Call back", assignee_id=acme.owner_id, due_on=yesterday), about=None, at=clock.now())
        tasks.add(Plan(text="Later", assignee_id=acme.owner_id, due_on=clock.today()), about=None, at=clock.now())

    assert _numbers(acme) == {"Open complaints": "1", "Overdue tasks": "1", "New contacts in 30 days": "3"}


def test_how_many_complaints_were_settled_in_time_is_told_once_some_are(acme: Firm) -> None:
    add_contact(acme)
    with acme.work():
        for days, late in ((20, False), (20, True)):
            began = clock.now() - timedelta(days=days)
            complaint = complaint_queries.complaint(complaints.enter(Draft(what="It leaks."), at=began))
            settled_at = complaint.due + timedelta(hours=1) if late else began + timedelta(minutes=5)
            complaint.settle(how="New pump.", by=acme.owner_id, at=min(settled_at, clock.now()))

    assert _numbers(acme)["Settled in time"] == "50%"


def test_weeks_begin_on_monday_and_the_present_one_is_the_last(acme: Firm) -> None:
    add_contact(acme)
    with acme.work():
        monday = clock.today() - timedelta(days=clock.today().weekday())
        for begun in (monday, monday - timedelta(days=1), monday - timedelta(days=7), monday - timedelta(weeks=40)):
            at = clock.local(clock.now()).replace(year=begun.year, month=begun.month, day=begun.day, hour=0, minute=30)
            complaints.enter(Draft(what="It leaks."), at=at)

    assert _told(acme, "Complaints entered per week") == [0] * 10 + [2, 1]


def test_nothing_is_counted_at_the_next_visit(acme: Firm) -> None:
    add_contact(acme)
    before = _numbers(acme)
    add_contact(acme)

    with counted_statements(acme.app) as counted:
        again = _numbers(acme)
    cache.forget_all()

    assert again == before
    assert not any("width_bucket" in statement for statement in counted)
    assert _numbers(acme)["New contacts in 30 days"] == "2"


def test_no_firm_is_told_the_numbers_of_another(acme: Firm, globex: Firm) -> None:
    add_contact(acme)
    for _ in range(4):
        add_contact(globex)

    assert _numbers(acme)["New contacts in 30 days"] == "1"
    assert _numbers(globex)["New contacts in 30 days"] == "4"


@pytest.mark.parametrize("values", [[0] * 12, [5] * 12, list(range(12)), [1_000_000, *[0] * 11]])
def test_a_chart_is_drawn_within_its_box_and_says_its_values(acme: Firm, values: list[int]) -> None:
    with acme.app.test_request_context():
        drawn = charts.bars("Things <per> week", values)

    boxes = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', drawn)
    assert len(boxes) == 12
    for x, y, width, height in (map(float, box) for box in boxes):
        assert 0 <= x <= x + width <= charts.WIDTH
        assert 1 <= height <= charts.HEIGHT
        assert y + height == pytest.approx(charts.HEIGHT)
    assert "Things &lt;per&gt; week" in drawn
    assert ", ".join(map(str, values)) in drawn
    assert "style=" not in drawn
