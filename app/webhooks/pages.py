from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row

from app.core import forms
from app.core.fields import Field, schema_of
from app.core.forms import Errors
from app.notifications import troubles
from app.notifications.models import DeliveryState
from app.webhooks import queries, wording
from app.webhooks.actions import Wish
from app.webhooks.models import Webhook
from tenants import outbound
from tenants.outbound import Failed

NAME = Field(name="name", label=_l("What is it for?"), required=True, limit=100)
ADDRESS = Field(
    name="address",
    label=_l("Address"),
    required=True,
    limit=outbound.LONGEST,
    help=_l("It begins with https:// and can be reached from the internet."),
)
FIELDS = (NAME, ADDRESS)
_SCHEMA = schema_of(FIELDS)
_CHOICES = ("kinds", "events")


@dataclass(frozen=True, kw_only=True)
class Entered:
    values: Mapping[str, Any]
    wrong: Errors

    @property
    def wish(self) -> Wish:
        return Wish(**{name: self.values[name] for name in ("name", "address", *_CHOICES)})


def read() -> Entered:
    """What was sent, checked; whether the address may be called, too."""
    values, wrong = forms.read(_SCHEMA)
    known = {"kinds": dict(wording.kinds()), "events": dict(wording.events())}
    chosen = {name: [one for one in request.form.getlist(name) if one in known[name]] for name in _CHOICES}
    wrong = {**wrong, **{name: [gettext("Please choose at least one.")] for name in _CHOICES if not chosen[name]}}
    if "address" not in wrong and (problem := _problem(values["address"])):
        wrong["address"] = [problem]
    return Entered(values={**values, **chosen}, wrong=wrong)


def _problem(address: str) -> str:
    try:
        outbound.check(address)
    except Failed as failed:
        return troubles.of_webhook(failed.trouble)
    return ""


def form(entered: Entered, webhook: Webhook | None = None) -> str:
    index = url_for("webhooks.index")
    own = url_for("webhooks.show", webhook_id=webhook.id) if webhook else index
    made = forms.Form(
        title=gettext("Change webhook") if webhook else gettext("New webhook"),
        action_url=url_for("webhooks.save", webhook_id=webhook.id) if webhook else url_for("webhooks.create"),
        submit_label=gettext("Save") if webhook else gettext("Make webhook"),
        cancel_url=own,
        crumbs=[(gettext("Webhooks"), index), *([(webhook.name, own)] if webhook else [])],
        errors=forms.summary(bool(entered.wrong)),
        sections=[forms.Section(title=None, fields=forms.shown(FIELDS, entered.values, entered.wrong))],
    )
    choices = [
        ("kinds", gettext("Of what is it told?"), wording.kinds()),
        ("events", gettext("When?"), wording.events()),
    ]
    return render_template("webhooks/form.html", form=made, choices=choices, entered=entered)


def index() -> str:
    failing = queries.failing()
    found = [(one, wording.said_kinds(one.kinds), _state(one, failing.get(one.id))) for one in queries.webhooks()]
    return render_template("webhooks/index.html", webhooks=found)


def _state(webhook: Webhook, failure: Row[Any] | None) -> tuple[str, str]:
    """(in words, how it looks)"""
    if webhook.stopped_at is not None:
        return gettext("switched off after failures"), "bad"
    if not webhook.active:
        return gettext("switched off"), "plain"
    if failure is not None:
        times = ngettext("%(num)d failure", "%(num)d failures", failure.times)
        return times, "warn"
    return gettext("switched on"), "good"


def show(webhook: Webhook, *, secret: str = "") -> str:
    failure = queries.failing().get(webhook.id)
    return render_template(
        "webhooks/show.html",
        webhook=webhook,
        state=_state(webhook, failure),
        failing_since=_since(failure),
        kinds=wording.said_kinds(webhook.kinds),
        events=[text for name, text in wording.events() if name in webhook.events],
        secret=secret,
        deliveries=[_delivery(row) for row in queries.latest(webhook.id)],
    )


def _since(failure: Row[Any] | None) -> datetime | None:
    return failure.since if failure is not None else None


def _delivery(row: Row[Any]) -> dict[str, Any]:
    attempts = ngettext("%(num)d attempt", "%(num)d attempts", row.attempts) if row.attempts else ""
    delivery_id: UUID = row.id
    return {
        "id": delivery_id,
        "at": row.created_at,
        "what": wording.what(row.type),
        "title": row.title or "",
        "state": wording.state(row),
        "said": " · ".join(filter(None, (attempts, wording.answer(row)))),
        "next_at": row.due_at if row.state is DeliveryState.PENDING and row.error else None,
        "may_send": row.state is not DeliveryState.SENDING,
    }
