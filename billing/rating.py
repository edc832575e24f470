"""What usage costs. Pure functions: exact until each line is rounded once; the total is the sum of its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from billing.money import Money, rounded
from billing.periods import Month
from billing.plans import Plan, Tier

GIGABYTE = 10**9


class Charge(StrEnum):
    FEE = "fee"
    USERS = "users"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What is charged of a month."""

    user_days: int
    """One active user on one day is one."""

    transferred: int
    """Bytes in and out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    charge: Charge
    quantity: int
    cost: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Without VAT."""

    lines: tuple[Line, ...]
    currency: str

    @property
    def total(self) -> Money:
        return sum((line.cost for line in self.lines), Money(0, self.currency))


def bill(plan: Plan, month: Month, use: Use) -> Bill:
    users = Decimal(plan.user_cents) * use.user_days / month.length
    lines = (
        _line(plan, Charge.FEE, 1, Decimal(plan.fee_cents)),
        _line(plan, Charge.USERS, use.user_days, users),
        _line(plan, Charge.TRANSFER, use.transferred, transfer_cents(plan.transfer, use.transferred)),
    )
    return Bill(lines=lines, currency=plan.currency)


def _line(plan: Plan, charge: Charge, quantity: int, cents: Decimal) -> Line:
    return Line(charge=charge, quantity=quantity, cost=rounded(cents, plan.currency))


def transfer_cents(tiers: Sequence[Tier], transferred: int) -> Decimal:
    """Not rounded."""
    return sum((quantity * tier.cents for tier, quantity in split(tiers, transferred)), Decimal(0))


def split(tiers: Sequence[Tier], transferred: int) -> Iterator[tuple[Tier, Decimal]]:
    """How many gigabytes lie within each step."""
    gigabytes, below = Decimal(transferred) / GIGABYTE, Decimal(0)
    for tier in tiers:
        until = gigabytes if tier.until is None else min(tier.until, gigabytes)
        yield tier, max(until - below, Decimal(0))
        below = max(until, below)


def projected(month: Month, use: Use, *, elapsed: Decimal, users_now: int, days_left: int) -> Use:
    """What the month will have been if it goes on as until now.

    Of the first day no pace can be told: until it is over it counts as a whole day.
    """
    over = max(elapsed, Decimal(1) / month.length)
    return Use(
        user_days=use.user_days + users_now * days_left,
        transferred=max(use.transferred, int(use.transferred / over)),
    )
