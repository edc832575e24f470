from __future__ import annotations

from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext

from app.core import access, errors, frame, lists, selecting
from app.core.bulk import BulkAction
from app.core.entities import EntityType, entity_types
from app.core.web import Room
from app.selection import actions, queries
from app.selection.actions import Asked
from app.selection.models import BulkChange, BulkState
from tenants.errors import Conflict, Invalid

bp = Room("selection", __name__)

_MOST_IDS = 500


@bp.get("/selection", allow="selection.write")
def index() -> ResponseReturnValue:
    told = [(change, _said(change), author) for change, author in queries.latest()]
    return render_template("selection/index.html", told=told)


@bp.post("/selection", allow="selection.write")
def act() -> ResponseReturnValue:
    entity = entity_types.named(request.form.get("entity", ""))
    address = dict(parse_qsl(request.form.get("query", "")))
    back = flask.redirect(f"{url_for(entity.list_endpoint)}?{urlencode(address)}", HTTPStatus.SEE_OTHER)
    asked = _asked(entity, address)
    try:
        change = actions.begin(asked)
    except (Conflict, Invalid) as refusal:
        frame.notify(errors.say(refusal))
        selecting.keep(asked.ids, asked.argument)
        return back
    if change.state is BulkState.RUNNING:
        return _to(change)
    _tell(change)
    return back


@bp.get("/selection/<uuid:change_id>", allow="selection.write")
def show(change_id: UUID) -> ResponseReturnValue:
    change = queries.bulk_change(change_id)
    told = {"done": change.done, "total": change.total, "left": change.total - change.done}
    counts = {name: format_decimal(number) for name, number in told.items()}
    return render_template("selection/show.html", change=change, said=_said(change), counts=counts)


@bp.post("/selection/<uuid:change_id>/cancel", allow="selection.write")
def cancel(change_id: UUID) -> ResponseReturnValue:
    change = queries.bulk_change_to_work(change_id)
    change.cancel()
    return _to(change)


@bp.post("/selection/<uuid:change_id>/undo", allow="selection.write")
def undo(change_id: UUID) -> ResponseReturnValue:
    change = queries.bulk_change_to_work(change_id)
    entity = entity_types.named(change.entity)
    _require(entity, selecting.action_named(entity, change.action))
    actions.undo(change)
    if change.state is BulkState.UNDONE:
        frame.notify(gettext("It is undone."))
        return flask.redirect(url_for(entity.list_endpoint), HTTPStatus.SEE_OTHER)
    return _to(change)


def _asked(entity: EntityType, address: dict[str, str]) -> Asked:
    """Raises UnknownEntity, PermissionMissing."""
    action = selecting.action_named(entity, request.form.get("action", ""))
    _require(entity, action)
    everything = bool(request.form.get("all"))
    ids = [] if everything else request.form.getlist("id", type=UUID)[:_MOST_IDS]
    return Asked(
        entity=entity,
        action=action,
        argument=request.form.get(action.argument.name, "") if action.argument else "",
        ids=ids,
        query=lists.asked(entity, {**address, "after": "", "before": ""}) if everything else None,
        token=request.form.get("token", UUID(int=0), type=UUID),
    )


def _require(entity: EntityType, action: BulkAction) -> None:
    """Raises PermissionMissing."""
    for permission in selecting.permissions(entity, action):
        access.require(permission)


def _tell(change: BulkChange) -> None:
    undo_url = url_for("selection.undo", change_id=change.id) if change.changed else None
    frame.notify(_said(change), undo_url=undo_url)


def _said(change: BulkChange) -> str:
    return selecting.action_named(entity_types.named(change.entity), change.action).said(change.changed)


def _to(change: BulkChange) -> ResponseReturnValue:
    return flask.redirect(url_for("selection.show", change_id=change.id), HTTPStatus.SEE_OTHER)
