"""The way in for whoever was invited: a new person chooses name and password, a known one logs in and joins."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core import callers, errors, forms, frame, i18n, limits, visitors
from app.core.access import PUBLIC
from app.core.forms import Errors, Form, FormField, Section
from app.core.web import Door
from app.users import actions
from app.users.schemas import NAME, OWN_NAME
from tenants import identities, invitations
from tenants.guessing import WrongCredentials
from tenants.identities import LinkExpired, WeakPassword
from tenants.invitations import Newcomer, Opened

door = Door("invitations", __name__)


@door.get("/invitation/<token>", allow=PUBLIC)
def show(token: str) -> ResponseReturnValue:
    """Opening the link changes nothing: scanners of mail open every link."""
    try:
        opened = invitations.behind(token)
    except LinkExpired:
        return _expired()
    if opened.invitation.accepted_at is not None:
        return _home(opened)
    if opened.identity is None:
        return _form(opened, {"name": opened.invitation.name}, {})
    return _known(token, opened)


@door.post("/invitation/<token>", allow=PUBLIC)
@limits.limit(60, within=timedelta(hours=1))
def accept(token: str) -> ResponseReturnValue:
    try:
        opened = invitations.behind(token)
        return _join(token, opened) if opened.identity is not None else _start(token, opened)
    except LinkExpired:
        return _expired()


def _start(token: str, opened: Opened) -> ResponseReturnValue:
    """Whoever had no account yet has one now, and is logged in; pressed twice, by the same password."""
    values, wrong, password = _typed(opened)
    if wrong:
        return _form(opened, values, wrong), HTTPStatus.UNPROCESSABLE_ENTITY
    newcomer = Newcomer(name=values["name"], password_hash=password, locale=i18n.locale())
    taken = actions.accept(token, opened, newcomer)
    return _log_in(opened) if taken.is_new else _join(token, opened)


def _typed(opened: Opened) -> tuple[dict[str, Any], dict[str, list[str]], str]:
    """(values, what is wrong, hash of the password)"""
    values, found = forms.read(OWN_NAME)
    wrong = {name: list(texts) for name, texts in found.items()}
    try:
        firm = opened.tenant
        words = [opened.invitation.email, values.get("name") or "", firm.name, firm.slug or ""]
        return values, wrong, identities.hash_password(request.form.get("password", ""), known=words)
    except WeakPassword as refusal:
        return values, {**wrong, "password": [errors.say(refusal)]}, ""


def _join(token: str, opened: Opened) -> ResponseReturnValue:
    """Only whoever proves to be the invited person: logged in, or by the password that was typed."""
    visitor = visitors.visitor()
    if visitor is not None and opened.identity and visitor.entry.identity_id == opened.identity.id:
        actions.accept(token, opened, None)
        return _home(opened)
    email, typed = opened.invitation.email, request.form.get("password", "")
    try:
        identities.check_password(email=email, password=typed, by=callers.caller(email))
    except WrongCredentials:
        return flask.redirect(url_for("invitations.show", token=token), HTTPStatus.SEE_OTHER)
    actions.accept(token, opened, None)
    return _log_in(opened)


def _log_in(opened: Opened) -> ResponseReturnValue:
    identity = invitations.identity_of(opened.invitation.email)
    to = visitors.let_in(identity, wanted=url_for("home.show", slug=opened.tenant.slug))
    frame.notify(gettext("Welcome to %(firm)s.", firm=opened.tenant.name))
    return flask.redirect(to, HTTPStatus.SEE_OTHER)


def _home(opened: Opened) -> ResponseReturnValue:
    return flask.redirect(url_for("home.show", slug=opened.tenant.slug), HTTPStatus.SEE_OTHER)


def _known(token: str, opened: Opened) -> ResponseReturnValue:
    visitor = visitors.visitor()
    return render_template(
        "users/join.html",
        firm=opened.tenant.name,
        email=opened.invitation.email,
        person=visitor.entry.person if visitor else "",
        is_guest=visitor is not None
        and opened.identity is not None
        and visitor.entry.identity_id == opened.identity.id,
        join_url=url_for("invitations.accept", token=token),
        login_url=url_for("login.log_in", next=url_for("invitations.show", token=token)),
    )


def _expired() -> ResponseReturnValue:
    return render_template("users/expired.html"), HTTPStatus.NOT_FOUND


def _form(opened: Opened, values: dict[str, Any], wrong: Errors) -> str:
    name = forms.shown((NAME,), values, wrong)[0]
    password = FormField(
        name="password",
        label=gettext("Password"),
        kind="password",
        help=gettext("At least 10 characters."),
        errors=wrong.get("password", ()),
        required=True,
        autocomplete="new-password",
        maxlength=200,
    )
    form = Form(
        title=gettext("Work with %(firm)s", firm=opened.tenant.name),
        action_url=request.path,
        submit_label=gettext("Accept the invitation"),
        errors=forms.summary(bool(wrong)),
        sections=[Section(title=None, fields=[name, password])],
    )
    return render_template("users/accept.html", form=form, email=opened.invitation.email)
