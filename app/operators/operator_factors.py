"""The second factor of operators: none comes into the console without, save where Kontor is only being tried."""

from __future__ import annotations

from http import HTTPStatus

import flask
from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import callers, errors, i18n, known_browsers
from app.core.access import PUBLIC
from app.core.visitors import STEP
from app.operators import admission
from app.operators.admission import Console
from app.second_factors import adding, asking, forms
from config.settings import settings
from tenants import clock, logins, operator_sessions, operators
from tenants.db import platform_work
from tenants.guessing import WrongCredentials
from tenants.operators import Operator
from tenants.second_factors import factors, steps
from tenants.second_factors.models import Account, LoginStep, StepPurpose
from tenants.second_factors.steps import StepOver

door = Console("operator_factors", __name__)


def let_in(found: Operator, *, wanted: str) -> ResponseReturnValue:
    """Whose password was right."""
    account = Account(operator_id=found.id)
    if factors.has_any(account):
        flask.session[STEP] = steps.begin(account, StepPurpose.LOG_IN)
        return _to("operator_factors.ask", wanted)
    if settings().embedded:
        return _logged_in(found, wanted)
    flask.session[STEP] = steps.begin(account, StepPurpose.ADD, secret=factors.new_app_secret())
    return _to("operator_factors.add", wanted)


def _to(endpoint: str, wanted: str) -> ResponseReturnValue:
    return flask.redirect(url_for(endpoint, next=wanted), HTTPStatus.SEE_OTHER)


def _logged_in(found: Operator, wanted: str) -> ResponseReturnValue:
    return _keep(flask.make_response(flask.redirect(wanted, HTTPStatus.SEE_OTHER)), found)


def _keep(response: flask.Response, found: Operator) -> flask.Response:
    token = operator_sessions.open_session(found.id, by=callers.caller(found.email))
    known_browsers.remember(found.email)
    flask.session.pop(STEP, None)
    return admission.keep(response, token)


def _begun(purpose: StepPurpose) -> tuple[LoginStep, Operator]:
    """Raises StepOver, also for what a person has begun in this browser."""
    step = steps.find(flask.session.get(STEP), purpose)
    if step.operator_id is None:
        raise StepOver
    return step, operators.find(step.operator_id)


def _wanted() -> str:
    return admission.wanted() or url_for("console.tenants")


@door.route("/operator/login/second-factor", methods=["GET", "POST"], allow=PUBLIC)
def ask() -> ResponseReturnValue:
    step, found = _begun(StepPurpose.LOG_IN)
    if flask.request.method == "GET":
        return _question(step)
    caller = callers.caller(found.email)
    try:
        asking.shown(step, by=caller)
    except WrongCredentials as refusal:
        logins.note_wrong_of_operator(found.id, by=caller)
        return _question(step, errors.say(refusal)), HTTPStatus.UNPROCESSABLE_ENTITY
    with platform_work() as session:
        steps.end(session, step)
    return _logged_in(found, _wanted())


def _question(step: LoginStep, refusal: str = "") -> str:
    page = forms.question(step, title=gettext("One more step"), submit=gettext("Log in"), refusal=refusal)
    return render_template("second_factors/ask.html", **page, again_url=url_for("operators.log_in"))


@door.route("/operator/login/app", methods=["GET", "POST"], allow=PUBLIC)
def add() -> ResponseReturnValue:
    """At the first log-in: without it nobody comes in."""
    step, found = _begun(StepPurpose.ADD)
    if flask.request.method == "GET":
        return adding.app_page(step, account=found.email, back=None)
    try:
        codes = adding.add_app(step, by=callers.caller(found.email))
    except WrongCredentials as refusal:
        page = adding.app_page(step, account=found.email, back=None, refusal=errors.say(refusal))
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    flask.session["recovery_codes"] = list(codes)
    return _logged_in(found, url_for("operator_factors.codes", next=_wanted()))


@door.get("/operator/recovery-codes", allow="operator")
def codes() -> ResponseReturnValue:
    """Once: afterwards nobody knows them but the paper."""
    made = flask.session.pop("recovery_codes", None)
    if made is None:
        return flask.redirect(_wanted(), HTTPStatus.SEE_OTHER)
    day = i18n.say_day(clock.now().date())
    return render_template("second_factors/recovery_codes.html", codes=made, on=_wanted(), made_on=day)


@door.errorhandler(StepOver)
def begin_again(_refusal: StepOver) -> ResponseReturnValue:
    return flask.redirect(url_for("operators.log_in", next=admission.wanted()), HTTPStatus.SEE_OTHER)


door.register_error_handler(admission.OperatorRequired, admission.to_log_in)
