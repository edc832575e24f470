from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from app.core import forms
from app.core.fields import LANGUAGE, Field
from app.core.forms import Errors, Form, FormField, Section
from app.signup.proof import Proof
from app.signup.schemas import EMAIL, FIRM, NAME, SLUG
from tenants.signups import Signup


def sign_up_form(values: Mapping[str, Any], errors: Errors) -> Form:
    """Everything comes back as it was entered, but for the password."""
    fields = [
        _known(FIRM, values, errors, autocomplete="organization", autofocus=not errors),
        _known(NAME, values, errors, autocomplete="name"),
        _known(EMAIL, values, errors, autocomplete="email", inputmode="email"),
        _language(values, errors),
        _known(SLUG, values, errors),
    ]
    return Form(
        title=gettext("Sign up for free"),
        action_url=url_for("signup.sign_up"),
        submit_label=gettext("Try 30 days for free"),
        errors=forms.summary(bool(errors)),
        sections=[Section(title=None, fields=fields)],
    )


def password_form(signup: Signup, errors: Errors, *, proof: Proof) -> Form:
    """On the page behind the link: only whoever reads the mails to an address chooses its password."""
    return Form(
        title=gettext("Start with %(firm)s", firm=signup.firm),
        action_url=request.path,
        submit_label=gettext("Confirm and start"),
        errors=forms.summary(bool(errors)),
        sections=[Section(title=None, fields=[_password(errors, is_new=proof is Proof.NEW_PASSWORD)])],
    )


def _known(described: Field, values: Mapping[str, Any], errors: Errors, **hints: Any) -> FormField:
    return replace(forms.shown([described], values, errors)[0], **{"autofocus": False, **hints})


def _language(values: Mapping[str, Any], errors: Errors) -> FormField:
    return _known(LANGUAGE, values, errors, options=[(code, str(label)) for code, label in LANGUAGE.options])


def _password(errors: Errors, *, is_new: bool) -> FormField:
    return FormField(
        name="password",
        label=gettext("Password"),
        kind="password",
        help=gettext("At least 10 characters.") if is_new else "",
        errors=errors.get("password", ()),
        required=True,
        autocomplete="new-password" if is_new else "current-password",
        maxlength=200,
        autofocus=True,
    )
