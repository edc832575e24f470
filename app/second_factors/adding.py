"""The pages on which an authenticator is added, for people and for operators alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask_babel import gettext

from app.second_factors import forms
from app.second_factors.forms import CODE, PasskeyQuestion
from config import lazily
from tenants import sealing
from tenants.guessing import Caller
from tenants.second_factors import codes, factors, passkeys, steps
from tenants.second_factors.models import Account, LoginStep, StepPurpose
from tenants.second_factors.steps import StepOver


@dataclass(frozen=True, slots=True)
class Begun:
    token: str
    step: LoginStep


def begun(account: Account, *, kept: str | None, secret: Callable[[], bytes]) -> Begun:
    """What this browser is adding already, so that a page that is loaded again shows the same, or something new."""
    if kept:
        try:
            step = steps.find(kept, StepPurpose.ADD)
        except StepOver:
            step = None
        if step is not None and steps.account_of(step) == account and _is_sealed(step):
            return Begun(kept, step)
    token = steps.begin(account, StepPurpose.ADD, secret=secret())
    return Begun(token, steps.find(token, StepPurpose.ADD))


def _is_sealed(step: LoginStep) -> bool:
    """Not what a passkey was to sign."""
    try:
        return bool(sealing.unseal(step.secret or b""))
    except sealing.Unsealable:
        return False


def require_own(step: LoginStep, account: Account) -> None:
    """Raises StepOver for what the browser has begun as somebody else."""
    if steps.account_of(step) != account:
        raise StepOver


def app_page(step: LoginStep, *, account: str, back: str | None, refusal: str = "") -> str:
    """The picture for the phone's camera, the same to be typed, and where the first code goes."""
    secret = sealing.unseal(step.secret or b"")
    form = forms.code_form(title=gettext("Add an authenticator app"), submit=gettext("Add the app"), refusal=refusal)
    form.cancel_url = back
    address = codes.address(secret, account=account, issuer="Kontor")
    picture = lazily.module("segno").make(address, micro=False).svg_data_uri(scale=4, border=4, light="#fff")
    return render_template("second_factors/add_app.html", form=form, picture=picture, spelled=codes.spelled(secret))


def add_app(step: LoginStep, *, by: Caller) -> Sequence[str]:
    """Answers the recovery codes of a first authenticator.

    Raises WrongCode, TooOften, StepOver, TooManyAuthenticators.
    """
    name = gettext("Authenticator app")
    return factors.add_app(step, typed=request.form.get(CODE, ""), name=name, by=by)


def new_passkey(step: LoginStep, account: Account, *, email: str, name: str) -> PasskeyQuestion:
    options = passkeys.to_make(step, account=account, name=email, called=name)
    return PasskeyQuestion(how="create", options=options, label=gettext("Make a passkey"))
