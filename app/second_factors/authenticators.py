"""The second factors of the person who is logged in: which there are, and how one is added or taken away."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from app.core import callers, errors, frame, i18n, visitors
from app.core.access import IDENTITY
from app.core.visitors import STEP
from app.core.web import Door
from app.login import letters
from app.login.addresses import own_path
from app.second_factors import adding
from tenants import clock, mail, profiles, sessions
from tenants.db import platform_work
from tenants.guessing import WrongCredentials
from tenants.models import Identity
from tenants.second_factors import factors, passkeys, recovery, steps
from tenants.second_factors.models import Account, Authenticator, AuthenticatorKind, StepPurpose
from tenants.second_factors.steps import StepOver

door = Door("authenticators", __name__)
CODES = "recovery_codes"
"""In the browser's cookie, until they are shown."""


def _own() -> Identity:
    return profiles.find(visitors.require_identity().entry.identity_id)


def _account() -> Account:
    return Account(identity_id=visitors.require_identity().entry.identity_id)


def _next() -> str | None:
    return own_path(request.args.get("next"))


@door.get("/profile/second-factor", allow=IDENTITY)
def show() -> ResponseReturnValue:
    account, wanted = _account(), _next()
    found = factors.of(account)
    return render_template(
        "second_factors/authenticators.html",
        found=[_row(one, wanted) for one in found],
        codes_left=recovery.left(account) if found else 0,
        most=recovery.NUMBER,
        is_due="due" in request.args and not found,
        must_prove="due" in request.args and bool(found),
        wanted=wanted,
    )


def _row(one: Authenticator, wanted: str | None) -> dict[str, object]:
    used = i18n.say_past_day(one.used_at.date()) if one.used_at else ""
    return {
        "name": one.name,
        "is_app": one.kind is AuthenticatorKind.APP,
        "used": gettext("last used: %(day)s", day=used) if used else gettext("not used yet"),
        "remove_url": url_for("authenticators.remove", authenticator_id=one.id, next=wanted),
    }


@door.route("/profile/second-factor/app", methods=["GET", "POST"], allow=IDENTITY, proven=True)
def add_app() -> ResponseReturnValue:
    identity, account = _own(), _account()
    begun = adding.begun(account, kept=flask.session.get(STEP), secret=factors.new_app_secret)
    flask.session[STEP] = begun.token
    back = url_for("authenticators.show", next=_next())
    if request.method == "GET":
        return adding.app_page(begun.step, account=identity.email, back=back)
    try:
        codes = adding.add_app(begun.step, by=callers.caller(identity.email))
    except WrongCredentials as refusal:
        page = adding.app_page(begun.step, account=identity.email, back=back, refusal=errors.say(refusal))
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    return _added(identity, gettext("Authenticator app"), codes)


@door.route("/profile/second-factor/passkey", methods=["GET", "POST"], allow=IDENTITY, proven=True)
def add_passkey() -> ResponseReturnValue:
    identity, account = _own(), _account()
    if request.method == "GET":
        return _passkey_page(identity, account)
    name = gettext("Passkey (%(device)s)", device=callers.say_device(callers.device()))
    try:
        step = steps.find(flask.session.get(STEP), StepPurpose.ADD)
        adding.require_own(step, account)
        codes = passkeys.add(step, answered=request.form.get("passkey", ""), name=name)
    except (WrongCredentials, StepOver) as refusal:
        return _passkey_page(identity, account, errors.say(refusal)), HTTPStatus.UNPROCESSABLE_ENTITY
    return _added(identity, name, codes)


def _passkey_page(identity: Identity, account: Account, refusal: str = "") -> str:
    token = steps.begin(account, StepPurpose.ADD, secret=passkeys.new_challenge())
    flask.session[STEP] = token
    step = steps.find(token, StepPurpose.ADD)
    asked = adding.new_passkey(step, account, email=identity.email, name=identity.name)
    back = url_for("authenticators.show", next=_next())
    return render_template("second_factors/add_passkey.html", asked=asked, refusal=refusal, back=back)


def _added(identity: Identity, name: str, codes: Sequence[str]) -> ResponseReturnValue:
    """With the first one whoever was let in by the password alone is out."""
    token = visitors.require_identity().token
    sessions.prove(token, second_factor=True)
    _tell(identity, gettext("%(name)s is a second factor of your account from now on.", name=name))
    if not codes:
        return _done(gettext("%(name)s is added.", name=name))
    sessions.end_weak(identity.id, token=token)
    return _to_codes(codes)


@door.post("/profile/second-factor/<uuid:authenticator_id>/remove", allow=IDENTITY, proven=True)
def remove(authenticator_id: UUID) -> ResponseReturnValue:
    name = factors.remove(_account(), authenticator_id)
    _tell(_own(), gettext("%(name)s is no second factor of your account any more.", name=name))
    return _done(gettext("%(name)s is removed.", name=name))


@door.post("/profile/second-factor/codes", allow=IDENTITY, proven=True)
def new_codes() -> ResponseReturnValue:
    _tell(_own(), gettext("Your account has new recovery codes; the former ones open nothing any more."))
    return _to_codes(factors.new_recovery_codes(_account()))


def _to_codes(codes: Sequence[str]) -> ResponseReturnValue:
    flask.session[CODES] = list(codes)
    return flask.redirect(url_for("authenticators.codes", next=_next()), HTTPStatus.SEE_OTHER)


@door.get("/profile/second-factor/codes", allow=IDENTITY, proven=True)
def codes() -> ResponseReturnValue:
    """Once: afterwards nobody knows them but the paper."""
    made = flask.session.pop(CODES, None)
    if made is None:
        return flask.redirect(url_for("authenticators.show", next=_next()), HTTPStatus.SEE_OTHER)
    on = _next() or url_for("authenticators.show")
    return render_template(
        "second_factors/recovery_codes.html", codes=made, on=on, made_on=i18n.say_day(clock.now().date())
    )


def _tell(identity: Identity, what: str) -> None:
    with force_locale(identity.locale):
        subject, body = letters.second_factor(letters.circumstances(identity), what=what)
    with platform_work() as session:
        mail.post(session, to=identity.email, subject=subject, body=body)


def _done(text: str) -> ResponseReturnValue:
    frame.notify(text)
    return flask.redirect(url_for("authenticators.show", next=_next()), HTTPStatus.SEE_OTHER)
