from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import frame, records
from app.core.web import Room
from app.webhooks import actions, pages, queries, wording
from app.webhooks.models import Webhook
from app.webhooks.pages import Entered
from tenants import clock

bp = Room("webhooks", __name__)


@bp.get("/webhooks", allow="webhooks.manage")
def index() -> ResponseReturnValue:
    return pages.index()


@bp.get("/webhooks/new", allow="webhooks.manage")
def new() -> ResponseReturnValue:
    everything = [event for event, _ in wording.events()]
    return pages.form(Entered(values={"events": everything}, wrong={}))


@bp.post("/webhooks/new", allow="webhooks.manage")
def create() -> ResponseReturnValue:
    entered = pages.read()
    if entered.wrong:
        return pages.form(entered), HTTPStatus.UNPROCESSABLE_ENTITY
    webhook, secret = actions.add(entered.wish)
    # Turbo shows what was created, and would not show a plain 200.
    return pages.show(webhook, secret=secret), HTTPStatus.CREATED


@bp.get("/webhooks/<uuid:webhook_id>", allow="webhooks.manage")
def show(webhook_id: UUID) -> ResponseReturnValue:
    return pages.show(queries.webhook(webhook_id))


@bp.get("/webhooks/<uuid:webhook_id>/edit", allow="webhooks.manage")
def edit(webhook_id: UUID) -> ResponseReturnValue:
    webhook = queries.webhook(webhook_id)
    values = {name: getattr(webhook, name) for name in ("name", "address", "kinds", "events")}
    return pages.form(Entered(values=values, wrong={}), webhook)


@bp.post("/webhooks/<uuid:webhook_id>/edit", allow="webhooks.manage")
def save(webhook_id: UUID) -> ResponseReturnValue:
    webhook, entered = records.load_to_change(Webhook, webhook_id), pages.read()
    if entered.wrong:
        return pages.form(entered, webhook), HTTPStatus.UNPROCESSABLE_ENTITY
    actions.change(webhook, entered.wish, at=clock.now())
    return _back(webhook_id, gettext("Saved."))


@bp.post("/webhooks/<uuid:webhook_id>/secret", allow="webhooks.manage")
def change_secret(webhook_id: UUID) -> ResponseReturnValue:
    webhook = records.load_to_change(Webhook, webhook_id)
    secret = actions.change_secret(webhook, at=clock.now())
    return pages.show(webhook, secret=secret), HTTPStatus.CREATED


@bp.post("/webhooks/<uuid:webhook_id>/test", allow="webhooks.manage")
def test(webhook_id: UUID) -> ResponseReturnValue:
    actions.send_test(queries.webhook(webhook_id), at=clock.now())
    return _back(webhook_id, gettext("A test is on its way."))


@bp.post("/webhooks/<uuid:webhook_id>/off", allow="webhooks.manage")
def switch_off(webhook_id: UUID) -> ResponseReturnValue:
    actions.switch_off(records.load_to_change(Webhook, webhook_id))
    return _back(webhook_id, gettext("The webhook is switched off."))


@bp.post("/webhooks/<uuid:webhook_id>/on", allow="webhooks.manage")
def switch_on(webhook_id: UUID) -> ResponseReturnValue:
    actions.switch_on(records.load_to_change(Webhook, webhook_id), at=clock.now())
    return _back(webhook_id, gettext("The webhook is switched on."))


@bp.post("/webhooks/<uuid:webhook_id>/delete", allow="webhooks.manage")
def delete(webhook_id: UUID) -> ResponseReturnValue:
    webhook = records.load_to_change(Webhook, webhook_id)
    actions.remove(webhook, at=clock.now())
    frame.notify(gettext("The webhook “%(name)s” is deleted.", name=webhook.name))
    return flask.redirect(url_for("webhooks.index"), HTTPStatus.SEE_OTHER)


@bp.post("/webhooks/deliveries/<uuid:delivery_id>/again", allow="webhooks.manage")
def send_again(delivery_id: UUID) -> ResponseReturnValue:
    webhook = actions.send_again(delivery_id, at=clock.now())
    return _back(webhook.id, gettext("It is sent again."))


def _back(webhook_id: UUID, said: str) -> ResponseReturnValue:
    frame.notify(said)
    return flask.redirect(url_for("webhooks.show", webhook_id=webhook_id), HTTPStatus.SEE_OTHER)
