"""Amounts as people read them."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import format_currency, format_decimal, gettext

from billing.money import Money
from billing.periods import Month
from billing.plans import Plan

_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000
_DIGITS = 100


def money(amount: Money) -> str:
    return str(format_currency(amount.amount, amount.currency))


def cents(amount: int, currency: str) -> str:
    return money(Money(amount, currency))


def size(count: int) -> str:
    """ "17 B", "4.2 kB", "380 MB": three digits tell enough."""
    value, unit = Decimal(count), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    pattern = "#,##0.#" if unit and value < _DIGITS else "#,##0"
    return f"{format_decimal(value, pattern)} {_UNITS[unit]}"


def amount(count: int | None, *, is_size: bool = False) -> str:
    """What was not counted is a dash, and not nothing."""
    if count is None:
        return "–"
    return size(count) if is_size else str(format_decimal(count))


def user_months(user_days: int, month: Month) -> str:
    """How many users that would have been for the whole month."""
    return str(format_decimal(Decimal(user_days) / month.length, "#,##0.##"))


def transfer(plan: Plan) -> str:
    """What is transferred, and what of it costs nothing."""
    first = plan.transfer[0]
    if first.until is None or first.cents:
        return gettext("Transfer")
    return gettext("Transfer, the first %(size)s are included", size=f"{format_decimal(first.until)} GB")
