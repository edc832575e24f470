"""The link in the mail to a new address: opened it shows one button, pressed it makes the address one's own."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.core import limits
from app.core.access import PUBLIC
from app.core.web import Door
from app.login import actions
from tenants import profiles
from tenants.identities import LinkExpired

door = Door("email_links", __name__)


@door.route("/profile/email/<token>", methods=["GET", "POST"], allow=PUBLIC)
@limits.limit(30, within=timedelta(hours=1))
def confirm(token: str) -> ResponseReturnValue:
    """Opening the link changes nothing: scanners of mail open every link."""
    try:
        asked = profiles.asked_email(token)
        if request.method == "POST":
            actions.take_email(token)
    except LinkExpired:
        return render_template("login/email_expired.html"), HTTPStatus.NOT_FOUND
    return render_template("login/email.html", email=asked.email, is_done=request.method == "POST")
