from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

import flask
from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import frame, records
from app.core.editing import Entered
from app.core.web import Room
from app.tasks import actions, entering, pages, queries
from tenants import clock
from tenants.context import current_actor

bp = Room("tasks", __name__)


@bp.get("/tasks", allow="tasks.read")
def index() -> ResponseReturnValue:
    return pages.list_page(pages.asked(), Entered(values={}))


@bp.get("/tasks/new", allow="tasks.write")
def new() -> ResponseReturnValue:
    return pages.new_page(Entered(values={}))


@bp.post("/tasks/new", allow="tasks.write")
def enter() -> ResponseReturnValue:
    errors = entering.keep(None)
    if errors:
        entered = Entered(values=entering.typed(), errors=errors)
        return pages.new_page(entered), entered.status
    frame.notify(gettext("The task is saved."))
    return flask.redirect(url_for("tasks.index"), HTTPStatus.SEE_OTHER)


@bp.post("/tasks", allow="tasks.write")
def create() -> ResponseReturnValue:
    errors = entering.keep(None)
    if errors:
        return pages.list_page(
            pages.asked(), Entered(values=entering.typed(), errors=errors)
        ), HTTPStatus.UNPROCESSABLE_ENTITY
    return flask.redirect(_back(), HTTPStatus.SEE_OTHER)


@bp.get("/tasks/<uuid:task_id>/edit", allow="tasks.write")
def edit(task_id: UUID) -> ResponseReturnValue:
    task = queries.task(task_id)
    return pages.edit_page(task, entering.FORM.show(task), back=_back())


@bp.post("/tasks/<uuid:task_id>/edit", allow="tasks.write")
def save(task_id: UUID) -> ResponseReturnValue:
    task, entered = entering.FORM.receive(task_id)
    assignee = entered.values.get("assignee") or str(task.assignee_id)
    if entered.is_accepted:
        entered = entered.refused(entering.unknown(assignee, present=task.assignee_id))
    if not entered.is_accepted:
        return pages.edit_page(task, entered, back=_back()), entered.status
    actions.change(task, entering.plan({**entered.values, "assignee": assignee}))
    return flask.redirect(_back(), HTTPStatus.SEE_OTHER)


@bp.post("/tasks/<uuid:task_id>/tick", allow="tasks.write")
def tick(task_id: UUID) -> ResponseReturnValue:
    task = queries.task_to_change(task_id)
    if actions.tick(task, at=clock.now()):
        frame.notify(gettext("The task is done."), undo_url=url_for("tasks.reopen", task_id=task_id))
    elif task.done_by_id != current_actor().user_id:
        frame.notify(gettext("%(who)s has ticked this off already.", who=pages.who_did(task)))
    return flask.redirect(_back(), HTTPStatus.SEE_OTHER)


@bp.post("/tasks/<uuid:task_id>/reopen", allow="tasks.write")
def reopen(task_id: UUID) -> ResponseReturnValue:
    actions.reopen(queries.task_to_change(task_id))
    return flask.redirect(_back(), HTTPStatus.SEE_OTHER)


@bp.post("/tasks/<uuid:task_id>/delete", allow="tasks.delete")
def delete(task_id: UUID) -> ResponseReturnValue:
    records.discard(queries.task_to_change(task_id))
    frame.notify(gettext("The task is in the recycle bin."), undo_url=url_for("tasks.restore", task_id=task_id))
    return flask.redirect(url_for("tasks.index"), HTTPStatus.SEE_OTHER)


@bp.post("/tasks/<uuid:task_id>/restore", allow="tasks.delete")
def restore(task_id: UUID) -> ResponseReturnValue:
    queries.task_anywhere(task_id).deleted_at = None
    return flask.redirect(url_for("tasks.index"), HTTPStatus.SEE_OTHER)


def _back() -> str:
    """The page of this firm on which the button was pressed, or from which its form was opened; the tasks where that is
    not known.
    """
    came, inside = _parts(request.form.get("back") or request.referrer or ""), url_for("home.show")
    if came.netloc not in ("", request.host) or not came.path.startswith(inside):
        return url_for("tasks.index")
    return f"{came.path}?{came.query}" if came.query else came.path


def _parts(address: str) -> SplitResult:
    with suppress(ValueError):
        return urlsplit(address)
    return urlsplit("")
