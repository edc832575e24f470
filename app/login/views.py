from __future__ import annotations

from http import HTTPStatus

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core import callers, errors, i18n, visitors
from app.core.access import IDENTITY, PUBLIC
from app.core.web import Door
from app.login import forms
from app.login.addresses import own_path
from tenants import identities
from tenants.guessing import WrongCredentials

door = Door("login", __name__)


@door.get("/", allow=PUBLIC)
def start() -> ResponseReturnValue:
    return flask.redirect(url_for("login.choose" if visitors.visitor() else "login.log_in"), HTTPStatus.SEE_OTHER)


@door.route("/login", methods=["GET", "POST"], allow=PUBLIC)
def log_in() -> ResponseReturnValue:
    wanted = own_path(request.args.get("next"))
    if request.method == "POST":
        return _try(wanted)
    if visitors.visitor():
        return flask.redirect(wanted or url_for("login.choose"), HTTPStatus.SEE_OTHER)
    return render_template("login/log_in.html", form=forms.log_in_form(email="", next_path=wanted))


def _try(wanted: str | None) -> ResponseReturnValue:
    email = request.form.get("email", "").strip()
    try:
        identity = identities.check_password(
            email=email, password=request.form.get("password", ""), by=callers.caller(email)
        )
    except WrongCredentials as refusal:
        form = forms.log_in_form(email=email, next_path=wanted, refusal=errors.say(refusal))
        return render_template("login/log_in.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    to = visitors.let_in(identity, wanted=wanted or url_for("login.choose"))
    return flask.redirect(to, HTTPStatus.SEE_OTHER)


@door.post("/logout", allow=PUBLIC)
def log_out() -> ResponseReturnValue:
    visitors.log_out()
    return flask.redirect(url_for("login.log_in"), HTTPStatus.SEE_OTHER)


@door.get("/firms", allow=IDENTITY)
def choose() -> ResponseReturnValue:
    """The firms of whoever is logged in; the only one opens by itself."""
    tenants = identities.tenants_of(visitors.require_identity().entry.identity_id)
    if len(tenants) == 1:
        return flask.redirect(url_for("home.show", slug=tenants[0].slug), HTTPStatus.SEE_OTHER)
    firms = [(tenant.name, url_for("home.show", slug=tenant.slug)) for tenant in tenants]
    return render_template("login/choose.html", firms=firms)


@door.post("/preferences", allow=PUBLIC)
def prefer() -> ResponseReturnValue:
    """Language and colours: of the person who is logged in, otherwise of this browser."""
    locale, theme = request.form.get("locale"), request.form.get("theme")
    locale = locale if locale in i18n.LOCALES else None
    theme = theme if theme in i18n.THEMES else None
    visitor = visitors.visitor()
    if visitor:
        identities.prefer(visitor.entry.identity_id, locale=locale, theme=theme)
    else:
        flask.session.update({key: value for key, value in (("lang", locale), ("theme", theme)) if value})
    return flask.redirect(own_path(request.form.get("next")) or url_for("login.start"), HTTPStatus.SEE_OTHER)
