"""The page of business hours."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import ValidationError

from app.core import frame
from app.core.editing import EditForm, Entered, Texts
from app.core.fields import FieldSchema
from app.core.forms import Errors
from app.core.web import Room
from app.escalation import actions, opening, queries
from app.escalation.actions import HOURS_ID
from app.escalation.models import BusinessHours
from tenants import clock
from tenants.context import current_scope

bp = Room("hours", __name__)


@bp.get("/business-hours", allow="rules.manage")
def show() -> ResponseReturnValue:
    return _page(FORM.show(queries.stored_hours()), is_readable=queries.are_hours_readable())


@bp.post("/business-hours", allow="rules.manage")
def save() -> ResponseReturnValue:
    stored, entered = FORM.receive(HOURS_ID)
    if not entered.is_accepted:
        return _page(entered), entered.status
    actions.change_hours(
        stored,
        week=[opening.read_day(entered.values[day.name]) for day in opening.DAYS],
        region=entered.values["region"],
        exceptions=opening.read_exceptions(entered.values["exceptions"]),
    )
    frame.notify(gettext("The business hours are saved; whatever waits is reckoned by them from now on."))
    return flask.redirect(url_for("hours.show"), HTTPStatus.SEE_OTHER)


def _texts(stored: BusinessHours) -> Texts:
    """What makes no sense is shown as the usual hours, which are kept meanwhile."""
    hours = queries.hours_of(stored)
    week = {day.name: opening.written_day(spans) for day, spans in zip(opening.DAYS, hours.week, strict=True)}
    exceptions = {day.isoformat(): spans for day, spans in hours.exceptions.items()}
    return {**week, "region": hours.region, "exceptions": opening.written_exceptions(exceptions)}


def _read(schema: FieldSchema) -> tuple[dict[str, Any], Errors]:
    days, hours = request.form.getlist("exception-day"), request.form.getlist("exception-hours")
    sent = opening.tidied({**request.form.to_dict(), "exceptions": opening.typed_exceptions(days, hours)})
    try:
        return schema.load(sent), {}
    except ValidationError as error:
        return sent, dict(error.messages_dict)


def _region(code: str) -> str:
    return dict(opening.regions(current_scope().country)).get(code, code)


FORM = EditForm(
    load=actions.hours_to_change,
    schema=opening.SCHEMA,
    texts=_texts,
    columns={day.name: ("week",) for day in opening.DAYS},
    say={"region": _region},
    read=_read,
)


def _page(entered: Entered, *, is_readable: bool = True) -> str:
    region = str(entered.values.get("region") or "")
    return render_template(
        "escalation/hours.html",
        days=entered.shown(opening.DAYS),
        region=entered.shown((opening.REGION,))[0],
        regions=opening.regions(current_scope().country),
        rows=opening.rows_of(entered.values.get("exceptions")),
        exceptions=entered.shown((opening.EXCEPTIONS,))[0],
        holidays=opening.coming(region, since=clock.today()),
        is_readable=is_readable,
        summary=entered.summary,
        hidden=entered.hidden,
    )
