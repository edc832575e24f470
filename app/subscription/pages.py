"""What the page "Usage and bill" says: the ledger's figures and the plan's prices, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext

from app.core import i18n
from app.core.fields import Text
from app.subscription import drawing, wording
from app.subscription.drawing import Chart
from billing import metering, rating, subscriptions
from billing.metering import Day, Usage
from billing.models import Meter
from billing.money import Money
from billing.periods import Month
from billing.plans import Plan
from billing.rating import Charge, Line
from config.quotas import quotas
from tenants.context import current_scope


@dataclass(frozen=True, kw_only=True)
class Page:
    title: str
    """The month."""

    months: Sequence[tuple[str, str | None, str]]
    """(label, URL, icon): the one before and the one after."""

    is_over: bool
    plan: str
    total: str
    expected: str
    """What the whole month will cost at this pace."""

    lines: Sequence[tuple[str, str, str]]
    """(what, how much of it, what it costs)"""

    note: str
    figures: Sequence[tuple[str, str]]
    chart: Chart
    days: Sequence[tuple[str, Sequence[str]]]
    """(day, (received, sent, together, users, records, files)), the last one first."""

    fresh: str


def page(month: Month, *, now: datetime) -> Page:
    scope = current_scope()
    usage = metering.month(scope.tenant_id, month.year, month.month)
    terms = subscriptions.terms_of(scope.tenant_id)
    so_far = rating.bill(terms.plan, month, usage.use())
    is_over = usage.month.ends(usage.zone) <= now
    return Page(
        title=i18n.say_month(month.since),
        months=_months(usage, now=now),
        is_over=is_over,
        plan=terms.plan.name,
        total=wording.money(so_far.total),
        expected="" if is_over else wording.money(_expected(terms.plan, usage, now=now)),
        lines=[_line(line, terms.plan, month) for line in so_far.lines],
        note=_note(terms.trial_ends_at, now=now),
        figures=_figures(usage),
        chart=drawing.chart(usage.days),
        days=_days(usage, now=now),
        fresh=_fresh(usage),
    )


def _months(usage: Usage, *, now: datetime) -> Sequence[tuple[str, str | None, str]]:
    this = Month.of(now.astimezone(usage.zone).date())
    before, after = usage.month.previous, usage.month.next
    return (
        (gettext("The month before"), url_for("subscription.usage", month=str(before)), "chevron-left"),
        (
            gettext("The month after"),
            url_for("subscription.usage", month=str(after)) if after <= this else None,
            "chevron-right",
        ),
    )


def _expected(plan: Plan, usage: Usage, *, now: datetime) -> Money:
    return rating.bill(plan, usage.month, usage.use_at_this_pace(now)).total


def _line(line: Line, plan: Plan, month: Month) -> tuple[str, str, str]:
    match line.charge:
        case Charge.FEE:
            what, quantity = gettext("Plan %(name)s", name=plan.name), gettext("for the month")
        case Charge.USERS:
            what = gettext("Active users, %(price)s a month each", price=wording.cents(plan.user_cents, plan.currency))
            quantity = wording.user_months(line.quantity, month)
        case Charge.TRANSFER:
            what, quantity = wording.transfer(plan), wording.size(line.quantity)
    return what, quantity, wording.money(line.cost)


def _note(trial_ends_at: datetime | None, *, now: datetime) -> str:
    if trial_ends_at is not None and now < trial_ends_at:
        day = i18n.say_day(trial_ends_at.astimezone(i18n.reader().zone).date())
        return gettext("During the trial until %(day)s nothing is charged; this is what it would cost.", day=day)
    return ""


def _figures(usage: Usage) -> Sequence[tuple[str, str]]:
    labels: Sequence[tuple[Text, int | None, bool]] = (
        (gettext("Received"), usage.bytes_in, True),
        (gettext("Sent"), usage.bytes_out, True),
        (gettext("Requests"), usage.requests, False),
        (gettext("Active users"), usage.last(Meter.USERS), False),
        (gettext("Records"), usage.last(Meter.RECORDS), False),
        (_files(), usage.last(Meter.STORAGE), True),
    )
    return [(str(label), wording.amount(value, is_size=is_size)) for label, value, is_size in labels]


def _files() -> str:
    return gettext("Files (room for %(most)s)", most=wording.size(quotas().storage_bytes))


def _days(usage: Usage, *, now: datetime) -> Sequence[tuple[str, Sequence[str]]]:
    today, locale = now.astimezone(usage.zone).date(), i18n.locale()
    passed = (day for day in reversed(usage.days) if day.day <= today)
    return [(i18n.short_day(day.day, today=today, locale=locale), _values(day)) for day in passed]


def _values(day: Day) -> Sequence[str]:
    sizes = (day.bytes_in, day.bytes_out, day.transferred)
    levels = (wording.amount(day.users), wording.amount(day.records), wording.amount(day.storage, is_size=True))
    return (*map(wording.size, sizes), *levels)


def _fresh(usage: Usage) -> str:
    reader = i18n.reader()
    if usage.traffic_until is None:
        return gettext("Nothing has been counted yet.")
    traffic = reader.say_moment(usage.traffic_until)
    if usage.levels_at is None:
        return gettext("Transfer counted until %(traffic)s.", traffic=traffic)
    levels = reader.say_moment(usage.levels_at)
    return gettext(
        "Transfer counted until %(traffic)s; users, records and files counted %(levels)s.",
        traffic=traffic,
        levels=levels,
    )
