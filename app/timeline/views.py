from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import entries, feeds
from app.core.web import Room
from app.timeline import history

bp = Room("timeline", __name__)

_PAGE = 30


@bp.get("/follows", allow="following.read")
def followed() -> ResponseReturnValue:
    shown, end = feeds.followed(_PAGE, before=entries.read_place(request.args.get("before")))
    older_url = url_for("timeline.followed", before=str(end)) if end else None
    return render_template("timeline/followed.html", entries=shown, older_url=older_url)


@bp.get("/meanwhile/<uuid:record_id>", allow="following.read")
def meanwhile(record_id: UUID) -> ResponseReturnValue:
    """For a form that stands open: the changes stand in a page of their own, so that nothing typed is lost."""
    said, url = history.changed_last(record_id)
    return render_template("timeline/meanwhile.html", said=said, url=url)
