"""Passkeys as second factors (WebAuthn, level 3): what the browser is asked, and whether its answer is true.

A passkey is good for the host of PUBLIC_URL alone: a page that only looks like ours gets an answer for itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update

from config import lazily
from config.settings import settings
from tenants import clock, guessing
from tenants.db import platform_work
from tenants.guessing import Caller, WrongCredentials
from tenants.second_factors import factors, steps
from tenants.second_factors.models import Account, Authenticator, AuthenticatorKind, LoginStep

_CHALLENGE = 32
_BY_NUMBER = "127.0.0.1"
_MOST_ANSWERED = 16_384
"""Characters of an answer; those of real devices have some 2,000."""


class PasskeyRefused(WrongCredentials):
    """The passkey was not accepted. Please try again."""

    code = "passkey_refused"


def new_challenge() -> bytes:
    return secrets.token_bytes(_CHALLENGE)


def to_make(step: LoginStep, *, account: Account, name: str, called: str) -> str:
    """What the browser is asked for a new passkey, as JSON; ``name`` and ``called`` are shown by the device."""
    webauthn, structs = lazily.module("webauthn"), lazily.module("webauthn.helpers.structs")
    criteria = structs.AuthenticatorSelectionCriteria(
        resident_key=structs.ResidentKeyRequirement.PREFERRED,
        user_verification=structs.UserVerificationRequirement.PREFERRED,
    )
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name="Kontor",
        user_id=(account.identity_id or account.operator_id or step.id).bytes,
        user_name=name,
        user_display_name=called,
        challenge=step.secret,
        authenticator_selection=criteria,
        exclude_credentials=_described(factors.of(account)),
    )
    said: str = webauthn.options_to_json(options)
    return said


def add(step: LoginStep, *, answered: str, name: str) -> Sequence[str]:
    """Answers the recovery codes where this is the account's first authenticator.

    Raises PasskeyRefused, StepOver, TooManyAuthenticators.
    """
    account = steps.account_of(step)
    verified = _verified("verify_registration_response", answered, step)
    added = Authenticator(
        **account.columns(),
        kind=AuthenticatorKind.PASSKEY,
        name=name,
        secret=verified.credential_public_key,
        credential_id=verified.credential_id,
        counter=verified.sign_count,
    )
    return factors.add(step, added)


def to_sign(step: LoginStep, known: Sequence[Authenticator]) -> str:
    """What the browser is asked to sign, as JSON."""
    webauthn = lazily.module("webauthn")
    options = webauthn.generate_authentication_options(
        rp_id=_host(), challenge=step.secret, allow_credentials=_described(known)
    )
    said: str = webauthn.options_to_json(options)
    return said


def check(step: LoginStep, answered: str, *, by: Caller) -> str:
    """Whether a passkey of the account has signed what this step asks; answers what it is called.

    Raises PasskeyRefused, TooOften.
    """
    account = steps.account_of(step)
    with guessing.code_attempt(account.key, by=by), platform_work() as session:
        own = account.owns(Authenticator) & (Authenticator.credential_id == _credential_id(answered))
        passkey = session.scalar(select(Authenticator).where(own))
        if passkey is None:
            raise PasskeyRefused
        verified = _verified(
            "verify_authentication_response",
            answered,
            step,
            credential_public_key=passkey.secret,
            credential_current_sign_count=passkey.counter,
        )
        signed = {"counter": verified.new_sign_count, "used_at": clock.now()}
        session.execute(update(Authenticator).where(Authenticator.id == passkey.id).values(**signed))
        return passkey.name


def _verified(how: str, answered: str, step: LoginStep, **known: Any) -> Any:
    webauthn, failures = lazily.module("webauthn"), lazily.module("webauthn.helpers.exceptions")
    if len(answered) > _MOST_ANSWERED:
        raise PasskeyRefused
    try:
        return getattr(webauthn, how)(
            credential=answered,
            expected_challenge=step.secret,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            **known,
        )
    except (failures.WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused from error


def _credential_id(answered: str) -> bytes:
    helpers, failures = lazily.module("webauthn.helpers"), lazily.module("webauthn.helpers.exceptions")
    try:
        found: bytes = helpers.parse_authentication_credential_json(answered[:_MOST_ANSWERED]).raw_id
    except (failures.WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused from error
    return found


def _described(known: Sequence[Authenticator]) -> list[Any]:
    structs = lazily.module("webauthn.helpers.structs")
    return [structs.PublicKeyCredentialDescriptor(id=one.credential_id) for one in known if one.credential_id]


def _host() -> str:
    """A passkey is good for a name, never for a number: who tries Kontor at 127.0.0.1 has them at localhost."""
    host = urlsplit(settings().public_url).hostname or ""
    return "localhost" if host == _BY_NUMBER else host


def _origin() -> str:
    return settings().public_url.replace(f"//{_BY_NUMBER}", "//localhost")
