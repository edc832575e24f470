from __future__ import annotations

from http import HTTPStatus

import flask
from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.core.web import Room
from app.subscription import pages
from billing.periods import Month
from tenants import clock

bp = Room("subscription", __name__)


@bp.get("/usage", allow="subscription.manage")
def usage() -> ResponseReturnValue:
    return render_template("subscription/usage.html", page=pages.page(_wanted(), now=clock.now()))


def _wanted() -> Month:
    """The month of the address, or the one that it is now."""
    this = Month.of(clock.today())
    try:
        wanted = Month.read(request.args.get("month", str(this)))
    except ValueError:
        flask.abort(HTTPStatus.NOT_FOUND)
    return min(wanted, this)
