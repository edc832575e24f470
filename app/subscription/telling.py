"""What a firm has used, as data for programs, and as lines for whoever types a command."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from billing import metering, rating, subscriptions
from billing.metering import Usage
from billing.money import Money
from billing.periods import Month
from billing.plans import Plan
from tenants import registry
from tenants.errors import Invalid


class NoSuchMonth(Invalid):
    """A month is written as 2026-11."""

    code = "no_such_month"


def told(slug: str, month: str | None, *, now: datetime) -> dict[str, Any]:
    """Raises TenantNotFound, NoSuchMonth."""
    tenant = registry.named(slug)
    wanted = _read(month) if month else Month.of(now.astimezone(ZoneInfo(tenant.timezone)).date())
    usage = metering.month(tenant.id, wanted.year, wanted.month)
    return {"tenant": slug, **as_data(usage, subscriptions.terms_of(tenant.id).plan, now=now)}


def _read(month: str) -> Month:
    try:
        return Month.read(month)
    except ValueError as error:
        raise NoSuchMonth from error


def as_data(usage: Usage, plan: Plan, *, now: datetime) -> dict[str, Any]:
    """Numbers are whole: bytes, requests, cents without VAT."""
    bill = rating.bill(plan, usage.month, usage.use())
    expected = rating.bill(plan, usage.month, usage.use_at_this_pace(now))
    today = now.astimezone(usage.zone).date()
    return {
        "month": str(usage.month),
        "timezone": usage.zone.key,
        "transfer_until": usage.traffic_until.isoformat() if usage.traffic_until else None,
        "bytes_in": usage.bytes_in,
        "bytes_out": usage.bytes_out,
        "requests": usage.requests,
        "plan": plan.key,
        "currency": bill.currency,
        "lines": [
            {"charge": line.charge.value, "quantity": line.quantity, "cents": line.cost.cents} for line in bill.lines
        ],
        "cents": bill.total.cents,
        "cents_at_this_pace": expected.total.cents,
        "days": [{**asdict(day), "day": day.day.isoformat()} for day in usage.days if day.day <= today],
    }


def text(told: dict[str, Any]) -> str:
    cost = Money(told["cents"], told["currency"])
    lines = [f"{told['tenant']}  {told['month']}  {cost.amount} {cost.currency} without VAT", _line("", "in", "out")]
    lines += [_line(day["day"], f"{day['bytes_in']:,}", f"{day['bytes_out']:,}") for day in told["days"]]
    return "\n".join([*lines, _line("bytes", f"{told['bytes_in']:,}", f"{told['bytes_out']:,}")])


def _line(day: str, received: str, sent: str) -> str:
    return f"{day:<10}  {received:>20}  {sent:>20}".rstrip()
