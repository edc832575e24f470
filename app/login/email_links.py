"""The links in the mails of a new address: the one to the new address makes it one's own, the one to the old stops it.

Opened they show one button: scanners of mail open every link.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.core import known_browsers, limits, visitors
from app.core.access import IDENTITY, PUBLIC
from app.core.web import Door
from app.login import actions
from tenants import profiles
from tenants.identities import LinkExpired

door = Door("email_links", __name__)


@door.route("/profile/email/<token>", methods=["GET", "POST"], allow=IDENTITY)
@limits.limit(30, within=timedelta(hours=1))
def confirm(token: str) -> ResponseReturnValue:
    """Only for whoever asked for the address: a mail that went astray takes no account over."""
    own_id = visitors.require_identity().entry.identity_id
    try:
        asked = profiles.asked_email(token, by=own_id)
        if request.method == "POST":
            actions.take_email(token, by=own_id)
            known_browsers.remember(asked.email)
    except LinkExpired:
        return _expired()
    return render_template("login/email.html", email=asked.email, is_done=request.method == "POST")


@door.route("/profile/email/stop/<token>", methods=["GET", "POST"], allow=PUBLIC)
@limits.limit(30, within=timedelta(hours=1))
def stop(token: str) -> ResponseReturnValue:
    """Whoever reads the mails to the old address needs no log-in: they may have been locked out."""
    try:
        email = profiles.stoppable_email(token)
        if request.method == "POST":
            profiles.stop_email(token)
    except LinkExpired:
        return _expired()
    return render_template("login/email_stop.html", email=email, is_done=request.method == "POST")


def _expired() -> ResponseReturnValue:
    return render_template("login/email_expired.html"), HTTPStatus.NOT_FOUND
