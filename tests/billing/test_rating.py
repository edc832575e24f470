"""Prices: exact until a line is rounded once, never less for more, and the total is the sum of its lines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import plans, rating
from billing.money import CurrenciesDiffer, Money, rounded
from billing.periods import Month
from billing.plans import Plan, Tier
from billing.rating import GIGABYTE, Charge, Use

MONTHS = st.builds(Month, st.integers(2000, 2100), st.integers(1, 12))
ZONES = st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "America/New_York", "Pacific/Auckland", "UTC"]).map(ZoneInfo)
BYTES = st.integers(0, 10**15)
RATES = st.decimals(0, 1000, places=4)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    ends = sorted(draw(st.sets(st.integers(1, 10_000), max_size=4)))
    steps = [Tier(until=Decimal(end), cents=draw(RATES)) for end in ends]
    return (*steps, Tier(until=None, cents=draw(RATES)))


@st.composite
def plan(draw: st.DrawFn) -> Plan:
    cents = st.integers(0, 100_000)
    return Plan(
        key="some",
        name="Some",
        currency="EUR",
        fee_cents=draw(cents),
        user_cents=draw(cents),
        transfer=draw(tiers()),
    )


@given(tiers(), BYTES)
def test_the_steps_of_a_price_share_out_all_that_was_transferred(steps: tuple[Tier, ...], transferred: int) -> None:
    shares = list(rating.split(steps, transferred))

    assert sum(quantity for _, quantity in shares) * GIGABYTE == transferred
    assert all(quantity >= 0 for _, quantity in shares)
    cost = rating.transfer_cents(steps, transferred)
    assert cost == sum((quantity * tier.cents for tier, quantity in shares), Decimal())


@given(tiers(), BYTES, BYTES)
def test_more_never_costs_less(steps: tuple[Tier, ...], one: int, more: int) -> None:
    assert rating.transfer_cents(steps, one) <= rating.transfer_cents(steps, one + more)


@given(plan(), MONTHS, st.integers(0, 100_000), BYTES)
def test_a_bill_is_the_sum_of_its_lines_and_each_is_off_by_half_a_cent_at_most(
    some: Plan, month: Month, user_days: int, transferred: int
) -> None:
    bill = rating.bill(some, month, Use(user_days=user_days, transferred=transferred))
    cents = {line.charge: line.cost.cents for line in bill.lines}

    assert bill.total.cents == sum(cents.values())
    assert cents[Charge.FEE] == some.fee_cents
    assert abs(cents[Charge.USERS] * month.length - some.user_cents * user_days) * 2 <= month.length
    assert abs(cents[Charge.TRANSFER] - rating.transfer_cents(some.transfer, transferred)) <= Decimal("0.5")


@given(plan(), MONTHS, st.integers(0, 50))
def test_a_user_of_the_whole_month_costs_the_whole_price(some: Plan, month: Month, users: int) -> None:
    bill = rating.bill(some, month, Use(user_days=users * month.length, transferred=0))

    assert {line.charge: line.cost.cents for line in bill.lines}[Charge.USERS] == users * some.user_cents


@given(MONTHS, BYTES, st.decimals(0, 1, places=6))
def test_what_is_expected_is_never_less_than_what_was_used(month: Month, transferred: int, elapsed: Decimal) -> None:
    use = Use(user_days=3, transferred=transferred)

    expected = rating.projected(month, use, elapsed=elapsed, users_now=2, days_left=4)

    assert expected.transferred >= transferred
    assert expected.transferred <= transferred * month.length
    assert expected.user_days == 11
    over = rating.projected(month, use, elapsed=Decimal(1), users_now=2, days_left=0)
    assert over == use


@given(MONTHS, ZONES)
def test_months_follow_one_another_without_gap_or_overlap(month: Month, zone: ZoneInfo) -> None:
    assert month.ends(zone) == month.next.begins(zone)
    assert month.next.previous == month
    assert Month.read(str(month)) == month
    assert len(list(month.days())) == month.length == (month.until - month.since).days
    local = month.begins(zone).astimezone(zone)
    assert (local.date(), local.hour, local.minute) == (month.since, 0, 0)


@given(MONTHS, ZONES, st.timedeltas(timedelta(), timedelta(days=40_000)))
def test_of_a_month_never_less_than_nothing_or_more_than_all_is_over(
    month: Month, zone: ZoneInfo, later: timedelta
) -> None:
    elapsed = month.elapsed(datetime(1999, 1, 1, tzinfo=UTC) + later, zone)

    assert 0 <= elapsed <= 1
    assert month.elapsed(month.begins(zone), zone) == 0
    assert month.elapsed(month.ends(zone) + timedelta(days=1), zone) == 1


def test_a_month_in_berlin_is_an_hour_shorter_when_the_clocks_go_forward() -> None:
    berlin, march = ZoneInfo("Europe/Berlin"), Month.of(date(2026, 3, 17))

    assert march.begins(berlin) == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert march.ends(berlin) - march.begins(berlin) == timedelta(days=31) - timedelta(hours=1)


def test_half_a_cent_is_one_and_less_is_none() -> None:
    assert rounded(Decimal("0.5"), "EUR") == Money(1, "EUR")
    assert rounded(Decimal("0.49999999"), "EUR") == Money(0, "EUR")
    assert rounded(Decimal("2.5"), "EUR") == Money(3, "EUR")
    assert Money(1999, "EUR").amount == Decimal("19.99")


def test_two_currencies_are_not_added() -> None:
    with pytest.raises(CurrenciesDiffer):
        Money(1, "EUR") + Money(1, "CHF")


def test_the_first_gigabytes_of_the_plan_on_sale_are_included() -> None:
    standard = plans.price_list().plans["standard"]
    november = Month(2026, 11)

    within = rating.bill(standard, november, Use(user_days=0, transferred=10 * GIGABYTE))
    beyond = rating.bill(standard, november, Use(user_days=0, transferred=210 * GIGABYTE))

    assert within.total == Money(standard.fee_cents, "EUR")
    assert beyond.total.cents == standard.fee_cents + 90 * 25 + 110 * 25 // 2


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("fee_cents = 1900", "fee_cents = -1"),
        ('currency = "EUR"', ""),
        ("up_to_gigabytes = 100", "up_to_gigabytes = 10"),
        ("up_to_gigabytes = 10\n", ""),
        ('cents_per_gigabyte = "25"', 'cents_per_gigabyte = "cheap"'),
    ],
)
def test_a_price_list_that_makes_no_sense_is_refused(written: str, instead: str) -> None:
    text = plans._FILE.read_text()
    assert written in text

    with pytest.raises(plans.PriceListRefused):
        plans.read(text.replace(written, instead, 1))
