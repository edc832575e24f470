"""Forgotten passwords: ask for a link, choose a new one."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import errors, limits
from app.core.access import PUBLIC
from app.core.web import Door
from app.login import actions, forms
from app.login.forms import END_TOKENS
from config.settings import settings
from tenants import identities, passwords
from tenants.identities import LinkExpired, MalformedEmail, WeakPassword

door = Door("passwords", __name__)


@door.route("/password/forgotten", methods=["GET", "POST"], allow=PUBLIC)
@limits.limit(20, within=timedelta(hours=1))
@limits.limit(5, within=timedelta(hours=1), by=limits.typed_email)
def forgotten() -> ResponseReturnValue:
    """Answers the same whether the address is known or not."""
    if request.method == "GET":
        return render_template("core/form.html", form=forms.forgotten_form(email=""))
    email = request.form.get("email", "").strip()
    try:
        actions.send_reset_link(email=identities.normal_email(email))
    except MalformedEmail as refusal:
        form = forms.forgotten_form(email=email, errors=[errors.say(refusal)])
        return render_template("core/form.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    return flask.redirect(url_for("passwords.sent"), HTTPStatus.SEE_OTHER)


@door.get("/password/sent", allow=PUBLIC)
def sent() -> ResponseReturnValue:
    return render_template("login/sent.html", mailbox=settings().embedded)


@door.route("/password/new/<token>", methods=["GET", "POST"], allow=PUBLIC)
@limits.limit(30, within=timedelta(hours=1))
def new_password(token: str) -> ResponseReturnValue:
    if request.method == "POST":
        return _set(token)
    try:
        identity = passwords.behind(token)
    except LinkExpired:
        return _expired()
    form = forms.new_password_form(token, tokens=True if passwords.has_tokens(identity.id) else None)
    return render_template("core/form.html", form=form)


def _set(token: str) -> ResponseReturnValue:
    ends_tokens = END_TOKENS in request.form
    try:
        actions.reset_password(token, typed=request.form.get("password", ""), ends_tokens=ends_tokens)
    except LinkExpired:
        return _expired()
    except WeakPassword as refusal:
        has_tokens = passwords.has_tokens(passwords.behind(token).id)
        form = forms.new_password_form(token, tokens=ends_tokens if has_tokens else None, errors=[errors.say(refusal)])
        return render_template("core/form.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    return flask.redirect(url_for("passwords.done"), HTTPStatus.SEE_OTHER)


def _expired() -> ResponseReturnValue:
    return render_template("login/expired.html"), HTTPStatus.NOT_FOUND


@door.get("/password/set", allow=PUBLIC)
def done() -> ResponseReturnValue:
    return render_template("login/password_set.html")
