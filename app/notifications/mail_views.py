"""The page of mails that could not be sent, for whoever manages the users of the firm."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import frame
from app.core.web import Room
from app.notifications import failed_mails

bp = Room("mails", __name__)


@bp.get("/mails", allow="mails.manage")
def index() -> ResponseReturnValue:
    return render_template("notifications/mails.html", mails=failed_mails.shown())


@bp.post("/mails/<uuid:mail_id>/send", allow="mails.manage")
def send(mail_id: UUID) -> ResponseReturnValue:
    failed_mails.send_again(mail_id)
    frame.notify(gettext("The mail is being sent again."))
    return flask.redirect(url_for("mails.index"), HTTPStatus.SEE_OTHER)


@bp.post("/mails/<uuid:mail_id>/discard", allow="mails.manage")
def discard(mail_id: UUID) -> ResponseReturnValue:
    failed_mails.discard(mail_id)
    frame.notify(gettext("The mail is discarded."))
    return flask.redirect(url_for("mails.index"), HTTPStatus.SEE_OTHER)
