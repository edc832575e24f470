from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import access, frame
from app.core.web import Room
from app.recyclebin import pages

bp = Room("recyclebin", __name__)


@bp.get("/recycle-bin", allow="recyclebin.read")
def index() -> ResponseReturnValue:
    kind, behind = request.args.get("kind"), request.args.get("behind", type=UUID)
    groups = pages.one_kind(kind, behind=behind) if kind else pages.groups()
    previous_url = url_for("recyclebin.index") if kind else None
    return render_template("recyclebin/index.html", groups=groups, previous_url=previous_url)


@bp.post("/recycle-bin/<entity>/<uuid:record_id>/restore", allow="recyclebin.delete")
def restore(entity: str, record_id: UUID) -> ResponseReturnValue:
    kind = pages.kind(entity)
    access.require(f"{kind.permission}.delete")
    url = kind.take_back(record_id)
    frame.notify(gettext("It is restored."))
    return flask.redirect(url, HTTPStatus.SEE_OTHER)
