from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import flask
from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import errors, frame, i18n, limits, visitors
from app.core.access import PUBLIC
from app.core.forms import Errors
from app.core.web import Door
from app.signup import actions, forms, proof, queries, wishes
from app.signup.proof import Proof
from app.signup.queries import Opened
from config.settings import settings
from tenants import clock
from tenants.guessing import WrongCredentials
from tenants.identities import LinkExpired, WeakPassword
from tenants.signups import Signup, SignupStep

door = Door("signup", __name__)


def _accepted(response: Response) -> bool:
    """Mistakes in the form are no sign-ups."""
    return response.status_code == HTTPStatus.SEE_OTHER


@door.route("/signup", methods=["GET", "POST"], allow=PUBLIC)
@limits.limit(10, within=timedelta(hours=1), counts=_accepted)
@limits.limit(5, within=timedelta(hours=1), counts=_accepted, by=limits.typed_email)
@limits.limit(60, within=timedelta(hours=1))
def sign_up() -> ResponseReturnValue:
    if request.method == "GET":
        return _form({"locale": i18n.locale()}, {})
    wish, values, wrong = wishes.read()
    if wish is None:
        return _form(values, wrong), HTTPStatus.UNPROCESSABLE_ENTITY
    actions.ask(wish)
    flask.session["signup_email"] = wish.email
    return flask.redirect(url_for("signup.sent"), HTTPStatus.SEE_OTHER)


def _form(values: dict[str, Any], wrong: Errors) -> str:
    return render_template("signup/sign_up.html", form=forms.sign_up_form(values, wrong))


@door.get("/signup/sent", allow=PUBLIC)
def sent() -> ResponseReturnValue:
    email = flask.session.get("signup_email")
    if email is None:
        return flask.redirect(url_for("signup.sign_up"), HTTPStatus.SEE_OTHER)
    return render_template("signup/sent.html", email=email, mailbox=settings().embedded)


@door.route("/signup/confirm/<token>", methods=["GET", "POST"], allow=PUBLIC)
@limits.limit(30, within=timedelta(hours=1))
def confirm(token: str) -> ResponseReturnValue:
    """Opening the link changes nothing: scanners of mail open every link."""
    try:
        signup = queries.signup_of(token)
        return _open(signup) if request.method == "POST" else _ask(signup)
    except LinkExpired:
        return render_template("signup/expired.html"), HTTPStatus.NOT_FOUND


def _ask(signup: Signup) -> str:
    if signup.step is SignupStep.ASKED and signup.expires_at <= clock.now():
        raise LinkExpired
    asked = proof.needed(signup)
    if asked is Proof.NOTHING:
        return render_template("signup/confirm.html", signup=signup)
    return _password(signup, asked, {})


def _password(signup: Signup, asked: Proof, wrong: Errors) -> str:
    form = forms.password_form(signup, wrong, proof=asked)
    is_new = asked is Proof.NEW_PASSWORD
    return render_template("signup/password.html", form=form, email=signup.email, is_new=is_new)


def _open(signup: Signup) -> ResponseReturnValue:
    """A link that was used up still leads to its firm, but the password is asked for."""
    asked = proof.needed(signup)
    try:
        proof.give(signup, request.form.get("password", ""))
    except WeakPassword as refusal:
        return _refused(signup, asked, errors.say(refusal))
    except WrongCredentials:
        return _refused(signup, asked, gettext("This is not the password of your account."))
    if signup.step is not SignupStep.READY:
        return flask.redirect(_log_in(actions.open_firm(signup.id)), HTTPStatus.SEE_OTHER)
    return flask.redirect(url_for("home.show", slug=queries.opened(signup.id).tenant.slug), HTTPStatus.SEE_OTHER)


def _refused(signup: Signup, asked: Proof, why: str) -> ResponseReturnValue:
    return _password(signup, asked, {"password": [why]}), HTTPStatus.UNPROCESSABLE_ENTITY


def _log_in(opened: Opened) -> str:
    """Answers where they go."""
    to = visitors.let_in(opened.identity, wanted=url_for("home.show", slug=opened.tenant.slug))
    frame.notify(gettext("Welcome to Kontor. %(firm)s is ready.", firm=opened.tenant.name))
    return to
