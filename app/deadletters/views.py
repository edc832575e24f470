from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import frame
from app.core.web import Room
from app.deadletters import actions, pages
from tenants import clock

bp = Room("deadletters", __name__)


@bp.get("/dead-letters", allow="deadletters.manage")
def index() -> ResponseReturnValue:
    return render_template("deadletters/index.html", page=pages.listed(before=request.args.get("before", type=UUID)))


@bp.post("/dead-letters/<kind>/<uuid:letter_id>/retry", allow="deadletters.manage")
def retry(kind: str, letter_id: UUID) -> ResponseReturnValue:
    actions.retry(pages.kind(kind), letter_id, at=clock.now())
    return _back(gettext("It is tried again."))


@bp.post("/dead-letters/<kind>/<uuid:letter_id>/discard", allow="deadletters.manage")
def discard(kind: str, letter_id: UUID) -> ResponseReturnValue:
    actions.discard(pages.kind(kind), letter_id)
    return _back(gettext("It is discarded."))


def _back(said: str) -> ResponseReturnValue:
    frame.notify(said)
    return flask.redirect(url_for("deadletters.index"), HTTPStatus.SEE_OTHER)
