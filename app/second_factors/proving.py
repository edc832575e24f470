"""Before something dangerous: whoever is logged in shows once more that it is they."""

from __future__ import annotations

from http import HTTPStatus

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import callers, errors, visitors
from app.core.access import IDENTITY
from app.core.forms import Form, FormField, Section
from app.core.visitors import STEP
from app.core.web import Door
from app.login.addresses import own_path
from app.second_factors import asking, forms
from tenants import identities, logins, profiles, sessions
from tenants.db import platform_work
from tenants.guessing import WrongCredentials
from tenants.models import Identity
from tenants.second_factors import factors, steps
from tenants.second_factors.models import Account, LoginStep, StepPurpose
from tenants.second_factors.steps import StepOver

door = Door("proving", __name__)


@door.route("/prove", methods=["GET", "POST"], allow=IDENTITY)
def prove() -> ResponseReturnValue:
    identity = profiles.find(visitors.require_identity().entry.identity_id)
    account = Account(identity_id=identity.id)
    if not factors.has_any(account):
        return _by_password(identity)
    step = _step(account)
    if request.method == "GET":
        return _asked(step)
    try:
        used = asking.shown(step, by=callers.caller(identity.email))
    except WrongCredentials as refusal:
        logins.note_wrong(identity.id, by=callers.caller(identity.email))
        return _asked(step, errors.say(refusal)), HTTPStatus.UNPROCESSABLE_ENTITY
    with platform_work() as session:
        steps.end(session, step)
    if not used:
        asking.tell_of_recovery(identity)
    return _proved(by_second_factor=True)


def _step(account: Account) -> LoginStep:
    """Of this very account: a browser may have begun something for another one before."""
    try:
        found = steps.find(flask.session.get(STEP), StepPurpose.PROVE)
    except StepOver:
        found = None
    if found is None or steps.account_of(found) != account:
        flask.session[STEP] = steps.begin(account, StepPurpose.PROVE)
        found = steps.find(flask.session[STEP], StepPurpose.PROVE)
    return found


def _proved(*, by_second_factor: bool) -> ResponseReturnValue:
    sessions.prove(visitors.require_identity().token, second_factor=by_second_factor)
    return flask.redirect(own_path(request.args.get("next")) or url_for("login.choose"), HTTPStatus.SEE_OTHER)


def _by_password(identity: Identity) -> ResponseReturnValue:
    if request.method == "GET":
        return _password_page()
    try:
        identities.check_password(
            email=identity.email, password=request.form.get("password", ""), by=callers.caller(identity.email)
        )
    except WrongCredentials:
        return _password_page(gettext("This is not your current password.")), HTTPStatus.UNPROCESSABLE_ENTITY
    return _proved(by_second_factor=False)


def _password_page(refusal: str = "") -> str:
    field = FormField(
        name="password",
        label=gettext("Current password"),
        kind="password",
        errors=[refusal] if refusal else [],
        required=True,
        autocomplete="current-password",
        maxlength=200,
        autofocus=True,
    )
    form = Form(
        title=_title(),
        action_url=request.full_path.rstrip("?"),
        submit_label=gettext("Continue"),
        sections=[Section(title=None, fields=[field])],
    )
    return _page(form=form, asked=None)


def _asked(step: LoginStep, refusal: str = "") -> str:
    return _page(**forms.question(step, title=_title(), submit=gettext("Continue"), refusal=refusal))


def _title() -> str:
    return gettext("Is it you?")


def _page(**page: object) -> str:
    lead = gettext("What comes next can do harm in the wrong hands. So we ask once more.")
    return render_template("second_factors/ask.html", **page, lead=lead, again_url=None)
