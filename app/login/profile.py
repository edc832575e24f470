"""My profile: read inside a firm, changed at doors outside of it, because it is the same in all of them."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import flask
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext, ngettext

from app.core import callers, editing, errors, forms, frame, i18n, limits, login_history, visitors
from app.core.access import IDENTITY
from app.core.editing import EditForm, Texts
from app.core.forms import Errors, Form
from app.core.web import Door, Room
from app.login import actions
from app.login.addresses import own_path
from app.login.forms import END_TOKENS
from app.login.profile_forms import email_form, password_form, profile_form
from app.login.schemas import NEW_EMAIL, PROFILE, PROFILE_FIELDS
from tenants import identities, logins, passwords, profiles, sessions
from tenants.guessing import WrongCredentials
from tenants.identities import WeakPassword
from tenants.models import Identity
from tenants.profiles import Profile

room = Room("profile", __name__)
door = Door("own_profile", __name__)


def _texts(identity: Identity) -> Texts:
    return {field.name: getattr(identity, field.name) for field in PROFILE_FIELDS}


FORM = EditForm(
    load=profiles.find,
    schema=PROFILE,
    texts=_texts,
    version=lambda identity: editing.kept(_texts(identity)),
    authors=lambda _traces: {},
)
"""Nobody else has this form, but the same person may have it in two browsers."""


def _own_id() -> UUID:
    return visitors.require_identity().entry.identity_id


def _counted() -> str:
    return str(_own_id())


@room.get("/profile", allow="profile.read")
def show() -> ResponseReturnValue:
    visitor = visitors.require_identity()
    identity = profiles.find(visitor.entry.identity_id)
    browsers = [
        (one.id, callers.say_device(one.device), i18n.say_past_day(one.used_on), one.is_this)
        for one in sessions.of_identity(identity.id, token=visitor.token)
    ]
    last = login_history.say(logins.of_identity(identity.id))
    return render_template(
        "login/profile.html", identity=identity, facts=_facts(identity), browsers=browsers, logins=last
    )


def _facts(identity: Identity) -> list[tuple[str, str]]:
    chosen = [
        (str(field.label), str(dict(field.options).get(getattr(identity, field.name), "")))
        for field in PROFILE_FIELDS
        if field.options
    ]
    return [(gettext("Name"), identity.name), (gettext("E-mail"), identity.email), *chosen]


@door.route("/profile/edit", methods=["GET", "POST"], allow=IDENTITY)
def edit() -> ResponseReturnValue:
    identity = profiles.find(_own_id())
    if request.method == "GET":
        return _page(profile_form(FORM.show(identity), back=_back()))
    identity, entered = FORM.receive(identity.id)
    if not entered.is_accepted:
        return _page(profile_form(entered, back=_back())), entered.status
    actions.write_profile(identity.id, Profile(**entered.values))
    with force_locale(entered.values["locale"]):
        return _done(gettext("Your profile is saved."))


@door.route("/profile/password", methods=["GET", "POST"], allow=IDENTITY)
@limits.limit(10, within=timedelta(minutes=15), by=_counted)
def password() -> ResponseReturnValue:
    ends_tokens, has_shown_more = END_TOKENS in request.form, bool(visitors.require_identity().entry.row.second_factor)
    tokens = ends_tokens if passwords.has_tokens(_own_id()) else None
    if request.method == "GET":
        return _page(password_form({}, tokens=tokens, back=_back()))
    identity = profiles.find(_own_id())
    wrong = dict(_present(identity))
    if not wrong:
        try:
            actions.change_password(identity, typed=request.form.get("password", ""), ends_tokens=ends_tokens)
        except WeakPassword as refusal:
            wrong = {"password": [errors.say(refusal)]}
    if wrong:
        return _refused(password_form(wrong, tokens=tokens, back=_back()))
    visitors.log_in_anew(identity, second_factor=has_shown_more)
    return _done(gettext("The new password is saved. All other browsers are logged out."))


@door.route("/profile/email", methods=["GET", "POST"], allow=IDENTITY)
@limits.limit(10, within=timedelta(minutes=15), by=_counted)
def email() -> ResponseReturnValue:
    if request.method == "GET":
        return _page(email_form({}, {}, back=_back()))
    identity = profiles.find(_own_id())
    values, found = forms.read(NEW_EMAIL)
    wrong = {**found, **_present(identity)}
    if wrong:
        return _refused(email_form(values, wrong, back=_back()))
    wanted = identities.normal_email(values["email"])
    actions.ask_email(identity, email=wanted)
    return _done(gettext("We have written to %(email)s. The address changes with the link in the mail.", email=wanted))


def _present(identity: Identity) -> Errors:
    """What is wrong with the password that was typed to confirm it is really them."""
    try:
        identities.check_password(
            email=identity.email, password=request.form.get("present", ""), by=callers.caller(identity.email)
        )
    except WrongCredentials:
        return {"present": [gettext("This is not your current password.")]}
    return {}


@door.post("/profile/sessions/<uuid:session_id>/end", allow=IDENTITY)
def end_session(session_id: UUID) -> ResponseReturnValue:
    sessions.end(session_id, identity_id=_own_id())
    return _done(gettext("That browser is logged out."))


@door.post("/profile/sessions/end-others", allow=IDENTITY)
def end_other_sessions() -> ResponseReturnValue:
    visitor = visitors.require_identity()
    ended = sessions.end_others(visitor.entry.identity_id, token=visitor.token)
    text = ngettext("%(num)d other browser is logged out.", "%(num)d other browsers are logged out.", ended)
    return _done(str(text))


def _back() -> str:
    return own_path(request.args.get("next")) or url_for("login.choose")


def _done(text: str) -> ResponseReturnValue:
    frame.notify(text)
    return flask.redirect(_back(), HTTPStatus.SEE_OTHER)


def _page(form: Form) -> str:
    return render_template("core/form.html", form=form)


def _refused(form: Form) -> ResponseReturnValue:
    return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
