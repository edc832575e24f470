"""The second page of the log-in: who knows the password shows something that only they have."""

from __future__ import annotations

from http import HTTPStatus

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from app.core import callers, errors, frame, visitors
from app.core.access import PUBLIC
from app.core.visitors import STEP
from app.core.web import Door
from app.login import letters
from app.login.addresses import own_path
from app.second_factors import forms
from app.second_factors.forms import CODE, PASSKEY
from tenants import logins, mail, profiles
from tenants.db import platform_work
from tenants.guessing import Caller, WrongCredentials
from tenants.models import Identity
from tenants.second_factors import factors, passkeys, recovery, steps
from tenants.second_factors.models import Account, LoginStep, StepPurpose
from tenants.second_factors.steps import StepOver

door = Door("second_factor", __name__)


@door.route("/login/second-factor", methods=["GET", "POST"], allow=PUBLIC)
def ask() -> ResponseReturnValue:
    wanted = own_path(request.args.get("next"))
    try:
        step = steps.find(flask.session.get(STEP), StepPurpose.LOG_IN)
    except StepOver:
        return _again(wanted)
    if step.identity_id is None:
        return _again(wanted)
    if request.method == "GET":
        return _page(step)
    return _try(step, profiles.find(step.identity_id), wanted)


def _again(wanted: str | None) -> ResponseReturnValue:
    return flask.redirect(url_for("login.log_in", next=wanted), HTTPStatus.SEE_OTHER)


def _try(step: LoginStep, identity: Identity, wanted: str | None) -> ResponseReturnValue:
    caller = callers.caller(identity.email)
    try:
        used = shown(step, by=caller)
    except WrongCredentials as refusal:
        logins.note_wrong(identity.id, by=caller)
        return _page(step, errors.say(refusal)), HTTPStatus.UNPROCESSABLE_ENTITY
    with platform_work() as session:
        steps.end(session, step)
    visitors.log_in_anew(identity, second_factor=True)
    if not used:
        tell_of_recovery(identity)
    return flask.redirect(wanted or url_for("login.choose"), HTTPStatus.SEE_OTHER)


def shown(step: LoginStep, *, by: Caller) -> str:
    """By what they have shown who they are: its name, or nothing for a recovery code.

    Raises WrongCode, PasskeyRefused, TooOften.
    """
    if signed := request.form.get(PASSKEY, ""):
        return passkeys.check(step, signed, by=by)
    return factors.check_code(steps.account_of(step), request.form.get(CODE, ""), by=by)


def tell_of_recovery(identity: Identity) -> None:
    """Whoever finds a paper with codes shall not use it in silence; and paper runs out."""
    left = recovery.left(Account(identity_id=identity.id))
    frame.notify(gettext("Recovery codes left: %(number)s.", number=left))
    with force_locale(identity.locale):
        what = gettext("Somebody has logged in with one of your recovery codes; codes left: %(number)s.", number=left)
        subject, body = letters.second_factor(letters.circumstances(identity), what=what)
    with platform_work() as session:
        mail.post(session, to=identity.email, subject=subject, body=body)


def _page(step: LoginStep, refusal: str = "") -> str:
    page = forms.question(step, title=gettext("One more step"), submit=gettext("Log in"), refusal=refusal)
    return render_template("second_factors/ask.html", **page, again_url=url_for("login.log_in"))
