from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import access, frame, records
from app.core.entities import entity_types
from app.core.web import Room
from app.recyclebin import queries

bp = Room("recyclebin", __name__)


@bp.get("/recycle-bin", allow="recyclebin.read")
def index() -> ResponseReturnValue:
    groups = [(entity, queries.deleted(entity)) for entity in entity_types if access.may(entity.may("read"))]
    return render_template("recyclebin/index.html", groups=[(entity, rows) for entity, rows in groups if rows])


@bp.post("/recycle-bin/<entity>/<uuid:record_id>/restore", allow="recyclebin.delete")
def restore(entity: str, record_id: UUID) -> ResponseReturnValue:
    kind = entity_types.named(entity)
    access.require(kind.may("delete"))
    records.require_free(kind, record_id)
    records.take_back(kind.model, record_id)
    frame.notify(gettext("It is back."))
    return flask.redirect(url_for(kind.endpoint, record_id=record_id), HTTPStatus.SEE_OTHER)
