"""Business time, against a count of single minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.escalation.hours import MINUTES_A_DAY, NINE_TO_FIVE, Hours, NeverOpen, public_holidays

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Hours(zone=BERLIN)


def berlin(*when: int) -> datetime:
    return datetime(*when, tzinfo=BERLIN)  # type: ignore[arg-type, misc]


def test_a_week_end_does_not_count() -> None:
    assert OFFICE.after(berlin(2026, 11, 20, 16), minutes=120) == berlin(2026, 11, 23, 10)


def test_a_lunch_break_does_not_count() -> None:
    hours = Hours(zone=BERLIN, week=[[[9 * 60, 12 * 60], [13 * 60, 17 * 60]]] * 7)

    assert hours.after(berlin(2026, 11, 23, 11, 30), minutes=60) == berlin(2026, 11, 23, 13, 30)


def test_a_holiday_of_the_state_counts_there_only() -> None:
    """All Saints' Day is a holiday in Bavaria and none in Berlin."""
    bavaria, capital = (Hours(zone=BERLIN, region=region, week=[[[540, 1020]]] * 7) for region in ("DE-BY", "DE-BE"))

    assert bavaria.after(berlin(2026, 10, 31, 16), minutes=120) == berlin(2026, 11, 2, 10)
    assert capital.after(berlin(2026, 10, 31, 16), minutes=120) == berlin(2026, 11, 1, 10)


def test_a_firm_says_its_own_days() -> None:
    hours = Hours(zone=BERLIN, exceptions={date(2026, 12, 24): [], date(2026, 12, 26): [[600, 720]]})

    assert hours.after(berlin(2026, 12, 23, 16, 30), minutes=60) == berlin(2026, 12, 25, 9, 30)
    assert hours.after(berlin(2026, 12, 25, 16, 30), minutes=60) == berlin(2026, 12, 26, 10, 30)


def test_the_night_in_which_the_clocks_go_back_is_an_hour_longer() -> None:
    always = Hours(zone=BERLIN, week=[[[0, MINUTES_A_DAY]]] * 7)

    assert always.between(berlin(2026, 10, 25), berlin(2026, 10, 26)) == timedelta(hours=25)
    assert always.after(berlin(2026, 3, 29, 1), minutes=60) == berlin(2026, 3, 29, 3)


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    nights = Hours(zone=BERLIN, week=[[[22 * 60, 30 * 60]], *[[]] * 6])

    assert nights.after(berlin(2026, 11, 23, 23), minutes=120) == berlin(2026, 11, 24, 1)
    assert nights.after(berlin(2026, 11, 24, 5), minutes=120) == berlin(2026, 11, 30, 23)


def test_who_never_works_is_not_waited_for() -> None:
    with pytest.raises(NeverOpen):
        Hours(zone=BERLIN, week=[[]] * 7).after(berlin(2026, 11, 23), minutes=1)


def test_a_country_that_nobody_knows_has_no_holidays() -> None:
    assert public_holidays("XX", 2026) == frozenset()


INTERVALS = st.lists(st.integers(0, 48), min_size=2, max_size=4, unique=True).map(
    lambda marks: [[a * 30, b * 30] for a, b in zip(*[iter(sorted(marks))] * 2, strict=False)]
)
NIGHTS = st.lists(st.tuples(st.integers(36, 47), st.integers(49, 59)), max_size=1).map(
    lambda nights: [[a * 30, b * 30] for a, b in nights]
)
DAYS = INTERVALS | st.builds(
    lambda day, nights: [*(span for span in day if not nights or span[1] <= nights[0][0]), *nights], INTERVALS, NIGHTS
)
WEEKS = st.lists(DAYS, min_size=7, max_size=7)
MOMENTS = st.integers(0, 60 * 24 * 10).map(
    lambda minutes: datetime(2026, 3, 24, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(week=WEEKS, start=MOMENTS, minutes=st.integers(1, 3000))
def test_so_many_minutes_of_business_time_lie_before_the_moment_that_is_found(
    week: list[list[list[int]]], start: datetime, minutes: int
) -> None:
    hours = Hours(zone=BERLIN, week=week)

    moment = hours.after(start, minutes=minutes)

    assert hours.between(start, moment) == timedelta(minutes=minutes)
    assert hours.between(start, moment - timedelta(seconds=1)) < timedelta(minutes=minutes)


@given(week=WEEKS, start=MOMENTS, length=st.integers(0, 3000))
def test_business_time_is_what_counting_each_minute_says(
    week: list[list[list[int]]], start: datetime, length: int
) -> None:
    hours = Hours(zone=BERLIN, week=week)

    counted = sum(_is_open(week, start + timedelta(minutes=minute)) for minute in range(length))

    assert hours.between(start, start + timedelta(minutes=length)) == timedelta(minutes=counted)


@pytest.mark.parametrize("minute", [120, 121, 150, 179, 180])
def test_a_time_that_clocks_leave_out_is_the_moment_at_which_they_go_forward(minute: int) -> None:
    """On March 29, 2026 two o'clock is three o'clock: at 1:00 UTC."""
    leap, sunday = datetime(2026, 3, 29, 1, 0, tzinfo=UTC), date(2026, 3, 29)

    until_then = Hours(zone=BERLIN, week=[[]] * 6 + [[[0, minute]]])
    from_then = Hours(zone=BERLIN, week=[[]] * 6 + [[[minute, 240]]])

    assert [until for _, until in until_then.open_on(sunday)] == [leap]
    assert [since for since, _ in from_then.open_on(sunday)] == [leap]


def _is_open(week: list[list[list[int]]], moment: datetime) -> bool:
    here = moment.astimezone(BERLIN)
    minute = here.hour * 60 + here.minute
    by_day = any(first <= minute < last for first, last in week[here.weekday()])
    return by_day or any(first <= minute + MINUTES_A_DAY < last for first, last in week[here.weekday() - 1])


def test_nine_to_five_has_five_days() -> None:
    assert [len(day) for day in NINE_TO_FIVE] == [1, 1, 1, 1, 1, 0, 0]
