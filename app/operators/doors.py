"""Logging in to the console, and out."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import callers, errors
from app.core.access import OPERATOR, PUBLIC
from app.core.forms import Form, FormField, Section
from app.operators import admission, operator_factors
from app.operators.admission import Console
from tenants import operator_sessions
from tenants.guessing import WrongCredentials

door = Console("operators", __name__)


@door.route("/operator/login", methods=["GET", "POST"], allow=PUBLIC)
def log_in() -> ResponseReturnValue:
    if request.method == "POST":
        return _try()
    return render_template("operators/log_in.html", form=_form(email=""))


def _try() -> ResponseReturnValue:
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    try:
        found = operator_sessions.check_password(email=email, password=password, by=callers.caller(email))
    except WrongCredentials as refusal:
        form = _form(email=email, refusal=errors.say(refusal))
        return render_template("operators/log_in.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    return operator_factors.let_in(found, wanted=admission.wanted() or url_for("console.tenants"))


@door.post("/operator/logout", allow=OPERATOR)
def log_out() -> ResponseReturnValue:
    return admission.forget(flask.make_response(flask.redirect(url_for("operators.log_in"), HTTPStatus.SEE_OTHER)))


def _form(*, email: str, refusal: str = "") -> Form:
    return Form(
        title=gettext("Log in as operator"),
        action_url=url_for("operators.log_in", next=admission.wanted()),
        submit_label=gettext("Log in"),
        errors=[refusal] if refusal else [],
        sections=[Section(title=None, fields=_fields(email))],
    )


def _fields(email: str) -> list[FormField]:
    name, secret = gettext("E-mail"), gettext("Password")
    typed = FormField(
        name="email", label=name, kind="email", value=email, required=True, autocomplete="username", inputmode="email"
    )
    kept = FormField(name="password", label=secret, kind="password", required=True, autocomplete="current-password")
    return [replace(typed, autofocus=not email), replace(kept, autofocus=bool(email), maxlength=200)]


door.register_error_handler(admission.OperatorRequired, admission.to_log_in)
