from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import feeds
from app.core.web import Room
from app.timeline import history

bp = Room("timeline", __name__)

_PAGE = 30


@bp.get("/follows", allow="following.read")
def followed() -> ResponseReturnValue:
    found = feeds.followed(_PAGE + 1, before=_moment(request.args.get("before", "")))
    entries, goes_on = found[:_PAGE], len(found) > _PAGE
    older_url = url_for("timeline.followed", before=entries[-1].at.isoformat()) if goes_on else None
    return render_template("timeline/followed.html", entries=entries, older_url=older_url)


@bp.get("/meanwhile/<uuid:record_id>", allow="following.read")
def meanwhile(record_id: UUID) -> ResponseReturnValue:
    """For a form that stands open: the changes stand in a page of their own, so that nothing typed is lost."""
    said, url = history.changed_last(record_id)
    return render_template("timeline/meanwhile.html", said=said, url=url)


def _moment(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
