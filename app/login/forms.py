from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext

from app.core import forms
from app.core.forms import Form, FormField, Section


def log_in_form(*, email: str, next_path: str | None, refusal: str | None = None) -> Form:
    return Form(
        title=gettext("Log in"),
        action_url=url_for("login.log_in", next=next_path),
        submit_label=gettext("Log in"),
        errors=[refusal] if refusal else [],
        sections=[Section(title=None, fields=[_email(email, focus=not email), _password(focus=bool(email))])],
    )


def forgotten_form(*, email: str, errors: Sequence[str] = ()) -> Form:
    return Form(
        title=gettext("Forgotten your password?"),
        action_url=url_for("passwords.forgotten"),
        submit_label=gettext("Send the link"),
        cancel_url=url_for("login.log_in"),
        errors=forms.summary(bool(errors)),
        sections=[Section(title=None, fields=[_email(email, focus=True, errors=errors)])],
    )


END_TOKENS = "end_tokens"


def tokens_field(*, is_ticked: bool) -> FormField:
    return FormField(
        name=END_TOKENS,
        label=gettext("End the tokens of my programs, too"),
        kind="checkbox",
        value="1" if is_ticked else "",
        help=gettext("Programs that work in your name lose their access and need new tokens."),
    )


def new_password_form(token: str, *, tokens: bool | None, errors: Sequence[str] = ()) -> Form:
    """``tokens``: whether the tokens of programs end as well; None where there are none to ask about."""
    offered = [] if tokens is None else [tokens_field(is_ticked=tokens)]
    password = FormField(
        name="password",
        label=gettext("New password"),
        kind="password",
        help=gettext("At least 10 characters."),
        errors=errors,
        required=True,
        autocomplete="new-password",
        maxlength=200,
        autofocus=True,
    )
    return Form(
        title=gettext("Choose a new password"),
        action_url=url_for("passwords.new_password", token=token),
        submit_label=gettext("Save the password"),
        errors=forms.summary(bool(errors)),
        sections=[Section(title=None, fields=[password, *offered])],
    )


def _email(email: str, *, focus: bool, errors: Sequence[str] = ()) -> FormField:
    return FormField(
        name="email",
        label=gettext("E-mail"),
        kind="email",
        value=email,
        errors=errors,
        required=True,
        autocomplete="username",
        inputmode="email",
        maxlength=254,
        autofocus=focus,
    )


def _password(*, focus: bool) -> FormField:
    return FormField(
        name="password",
        label=gettext("Password"),
        kind="password",
        required=True,
        autocomplete="current-password",
        maxlength=200,
        autofocus=focus,
    )
