"""The forms of second factors: a code is typed, a passkey is asked of the device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext

from app.core.forms import Form, FormField, Section
from tenants.second_factors import factors, passkeys, steps
from tenants.second_factors.models import AuthenticatorKind, LoginStep

CODE, PASSKEY = "code", "passkey"
_LENGTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyQuestion:
    """What the browser asks of the device (assets/js/passkeys.js)."""

    how: str
    """``get`` a signature of a passkey that is there, or ``create`` a new one."""

    options: str
    """JSON, as WebAuthn has it."""

    label: str


def code_form(*, title: str, submit: str, refusal: str = "", label: str = "", help: str = "") -> Form:
    field = FormField(
        name=CODE,
        label=label or gettext("Code"),
        help=help,
        errors=[refusal] if refusal else [],
        required=True,
        autocomplete="one-time-code",
        inputmode="numeric" if not label else "",
        maxlength=_LENGTH,
        autofocus=True,
    )
    return Form(
        title=title,
        action_url=request.full_path.rstrip("?"),
        submit_label=submit,
        sections=[Section(title=None, fields=[field])],
    )


def question(step: LoginStep, *, title: str, submit: str, refusal: str = "") -> dict[str, Any]:
    """What the page that asks for a second factor shows: a new challenge each time."""
    known = factors.of(steps.account_of(step))
    kinds = {one.kind for one in known}
    has_app = AuthenticatorKind.APP in kinds
    help = gettext("Of your app, or one of your recovery codes.") if has_app else ""
    form = code_form(
        title=title,
        submit=submit,
        refusal=refusal,
        label=gettext("Code or recovery code") if has_app else gettext("Recovery code"),
        help=help,
    )
    asked = None
    if AuthenticatorKind.PASSKEY in kinds:
        step.secret = passkeys.new_challenge()
        steps.keep_secret(step, step.secret)
        asked = PasskeyQuestion(how="get", options=passkeys.to_sign(step, known), label=gettext("Use a passkey"))
    return {"form": form, "asked": asked}
