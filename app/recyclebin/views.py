from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import access, frame
from app.core.web import Room
from app.recyclebin import pages

bp = Room("recyclebin", __name__)


@bp.get("/recycle-bin", allow="recyclebin.read")
def index() -> ResponseReturnValue:
    return render_template("recyclebin/index.html", groups=pages.groups())


@bp.post("/recycle-bin/<entity>/<uuid:record_id>/restore", allow="recyclebin.delete")
def restore(entity: str, record_id: UUID) -> ResponseReturnValue:
    kind = pages.kind(entity)
    access.require(f"{kind.permission}.delete")
    url = kind.take_back(record_id)
    frame.notify(gettext("It is restored."))
    return flask.redirect(url, HTTPStatus.SEE_OTHER)
