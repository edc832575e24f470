from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import request
from flask_babel import gettext

from app.core import forms
from app.core.editing import Entered
from app.core.fields import Field, FieldKind
from app.core.forms import Errors, Form, FormField, Section
from app.login.forms import tokens_field
from app.login.schemas import EMAIL, PROFILE_FIELDS


def profile_form(entered: Entered, *, back: str) -> Form:
    shown = entered.shown(PROFILE_FIELDS)
    fields = [_plain(one, field) for one, field in zip(PROFILE_FIELDS, shown, strict=True)]
    form = _form(gettext("Edit my profile"), gettext("Save changes"), fields, entered.errors, back)
    form.errors, form.hidden = entered.summary, entered.hidden
    return form


def _plain(described: Field, shown: FormField) -> FormField:
    """Something is always chosen; and the browser may fill in the name."""
    if described.kind is FieldKind.CHOICE:
        return replace(shown, options=[(value, str(label)) for value, label in described.options])
    return replace(shown, autocomplete="name")


def password_form(errors: Errors, *, tokens: bool | None, back: str) -> Form:
    """``tokens``: whether the tokens of programs end as well; None where there are none to ask about."""
    fields = [
        _password("present", gettext("Current password"), errors, autofocus=True),
        _password("password", gettext("New password"), errors, help=gettext("At least 10 characters.")),
        *([] if tokens is None else [tokens_field(is_ticked=tokens)]),
    ]
    return _form(gettext("Change the password"), gettext("Save the password"), fields, errors, back)


def email_form(values: Mapping[str, Any], errors: Errors, *, back: str) -> Form:
    email = replace(forms.shown((EMAIL,), values, errors)[0], autocomplete="email", inputmode="email")
    fields = [email, _password("present", gettext("Current password"), errors)]
    return _form(gettext("Change the e-mail"), gettext("Send the link"), fields, errors, back)


def _form(title: str, submit: str, fields: Sequence[FormField], errors: Errors, back: str) -> Form:
    return Form(
        title=title,
        action_url=request.full_path.rstrip("?"),
        submit_label=submit,
        cancel_url=back,
        errors=forms.summary(bool(errors)),
        sections=[Section(title=None, fields=fields)],
    )


def _password(name: str, label: str, errors: Errors, *, help: str = "", autofocus: bool = False) -> FormField:
    return FormField(
        name=name,
        label=label,
        kind="password",
        help=help,
        errors=errors.get(name, ()),
        required=True,
        autocomplete="current-password" if name == "present" else "new-password",
        maxlength=200,
        autofocus=autofocus,
    )
