"""What the firm has used in a month, and what that costs so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, validate

from app.core.resources import Shown
from app.rest import answers
from app.rest.interface import Interface, Told
from billing import metering, rating, subscriptions
from billing.metering import Day, Usage
from billing.models import Meter
from billing.periods import Month
from billing.rating import Bill
from tenants import clock
from tenants.context import current_scope


class UsedSchema(Schema):
    bytes_in = fields.Integer(required=True, metadata={"description": _l("What was sent to Kontor.")})
    bytes_out = fields.Integer(required=True, metadata={"description": _l("What Kontor has sent.")})
    requests = fields.Integer(required=True)
    users = fields.Integer(required=True, allow_none=True, metadata={"description": _l("Active ones.")})
    records = fields.Integer(required=True, allow_none=True)
    storage = fields.Integer(required=True, allow_none=True, metadata={"description": _l("Bytes of files.")})


class UsedDaySchema(UsedSchema):
    day = fields.Date(required=True)


class CostSchema(Schema):
    charge = fields.String(required=True)
    quantity = fields.Integer(required=True)
    cents = fields.Integer(required=True)


class UsageSchema(UsedSchema):
    month = fields.String(required=True)
    plan = fields.String(required=True)
    currency = fields.String(required=True)
    cents = fields.Integer(required=True, metadata={"description": _l("What it costs so far, without VAT.")})
    charges = fields.List(fields.Nested(CostSchema), required=True)
    days = fields.List(fields.Nested(UsedDaySchema), required=True)
    counted_until = fields.DateTime(required=True, allow_none=True)


class UsageQuery(Schema):
    month = fields.String(
        load_default=None,
        validate=validate.Regexp(r"\A20[2-9][0-9]-(0[1-9]|1[0-2])\Z"),
        metadata={"description": _l("As 2026-11; the present one where nothing is said.")},
    )


def add(bp: Interface) -> None:
    told = Told(summary=_l("A month"), query=UsageQuery, answer=UsageSchema)

    @bp.get("/usage", allow="usage.see", endpoint="usage_show", tags=["usage"], told=told)
    def view(asked: dict[str, Any]) -> Response:
        month, tenant_id = _wanted(asked["month"]), current_scope().tenant_id
        usage = metering.month(tenant_id, month.year, month.month)
        plan = subscriptions.terms_of(tenant_id).plan
        bill = rating.bill(plan, month, usage.use())
        return answers.alone({**_shown(usage), "plan": plan.name, **_cost(bill)})


def _wanted(written: str | None) -> Month:
    """Raises ValidationError."""
    this = Month.of(clock.today())
    wanted = Month.read(written) if written else this
    if wanted > this:
        raise ValidationError({"month": [gettext("This month has not begun.")]})
    return wanted


def _shown(usage: Usage) -> Shown:
    today = clock.today()
    return {
        "month": str(usage.month),
        "bytes_in": usage.bytes_in,
        "bytes_out": usage.bytes_out,
        "requests": usage.requests,
        **{meter.value: usage.last(meter) for meter in (Meter.USERS, Meter.RECORDS, Meter.STORAGE)},
        "days": [_day(day) for day in usage.days if day.day <= today],
        "counted_until": usage.traffic_until,
    }


def _day(day: Day) -> Shown:
    names = ("day", "bytes_in", "bytes_out", "requests", "users", "records", "storage")
    return {name: getattr(day, name) for name in names}


def _cost(bill: Bill) -> Mapping[str, Any]:
    return {
        "currency": bill.total.currency,
        "cents": bill.total.cents,
        "charges": [
            {"charge": line.charge.value, "quantity": line.quantity, "cents": line.cost.cents} for line in bill.lines
        ],
    }
