from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.web import Room
from app.notifications import actions, pages, queries
from tenants import clock
from tenants.context import current_actor

bp = Room("notifications", __name__)


@bp.get("/notifications", allow="notifications.read")
def index() -> ResponseReturnValue:
    return pages.inbox(before=request.args.get("before", type=UUID))


@bp.get("/notifications/bell", allow="notifications.read")
def bell() -> ResponseReturnValue:
    return render_template("notifications/bell.html")


@bp.get("/notifications/<uuid:notification_id>", allow="notifications.read")
def show(notification_id: UUID) -> ResponseReturnValue:
    """To what it tells of; whoever goes there has read it."""
    found = queries.notification(notification_id, of=current_actor().user_id)
    actions.read(found, at=clock.now())
    return flask.redirect(pages.subject_url(found), HTTPStatus.SEE_OTHER)


@bp.get("/notifications/<uuid:notification_id>/records", allow="notifications.read")
def records(notification_id: UUID) -> ResponseReturnValue:
    return pages.records(queries.notification(notification_id, of=current_actor().user_id))


@bp.post("/notifications/read", allow="notifications.mark")
def read_all() -> ResponseReturnValue:
    user_id = current_actor().user_id
    if user_id is not None:
        actions.read_all(user_id, at=clock.now())
    return flask.redirect(url_for("notifications.index"), HTTPStatus.SEE_OTHER)
