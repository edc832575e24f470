from __future__ import annotations

from uuid import UUID

from flask import url_for
from flask_babel import force_locale, gettext

from app.login import letters
from app.users import actions as users
from config.settings import settings
from tenants import identities, mail, passwords, profiles
from tenants.db import platform_work
from tenants.mail import About
from tenants.models import Identity
from tenants.passwords import NewPassword
from tenants.profiles import Profile


def send_reset_link(*, email: str) -> None:
    """Write to whoever has this address; nobody learns here whether somebody has."""
    with platform_work() as session:
        identity = identities.find_by_email(session, email)
        if identity is None:
            return
        token = passwords.ask_reset(session, identity)
        with force_locale(identity.locale):
            subject, about = gettext("A new password for Kontor"), About(key=f"reset:{identity.id}")
            mail.post(session, to=email, subject=subject, body=_letter(token), about=about)


def _letter(token: str) -> str:
    return gettext(
        "Good day,\n\n"
        "with this link a new password for Kontor can be chosen:\n\n"
        "%(link)s\n\n"
        "It works once, within two hours. If you did not ask for it, nothing needs to be done: "
        "the password stays as it is.\n\n"
        "Kontor\n",
        link=settings().public_url + url_for("passwords.new_password", token=token),
    )


def reset_password(token: str, *, typed: str, ends_tokens: bool) -> None:
    """Raises LinkExpired, WeakPassword."""
    identity = passwords.behind(token)
    passwords.reset(token, _new_password(identity, typed=typed, ends_tokens=ends_tokens))


def change_password(identity: Identity, *, typed: str, ends_tokens: bool) -> None:
    """Raises WeakPassword."""
    passwords.change(identity, _new_password(identity, typed=typed, ends_tokens=ends_tokens))


def _new_password(identity: Identity, *, typed: str, ends_tokens: bool) -> NewPassword:
    with force_locale(identity.locale):
        letter = letters.new_password(letters.circumstances(identity))
    return NewPassword(typed=typed, ends_tokens=ends_tokens, letter=letter)


def write_profile(identity_id: UUID, profile: Profile) -> None:
    """The platform keeps it, and every firm of this person hears the name."""
    identity = profiles.write(identity_id, profile)
    users.retell(identity.id, name=identity.name, email=identity.email)


def ask_email(identity: Identity, *, email: str) -> None:
    """Write to the new address, and to the old one, which can stop it.

    One that has an account already gets another mail; the page says the same.
    """
    with force_locale(identity.locale):
        asked = letters.circumstances(identity)
    with force_locale(identity.locale), platform_work() as session:
        if identities.find_by_email(session, email) is not None:
            subject, body = letters.known_email()
            mail.post(session, to=email, subject=subject, body=body)
            return
        token, stop = profiles.ask_email(session, identity.id, email=email)
        letter = letters.asked_email(asked, email=email, stop=stop)
        for to, (subject, body) in ((email, letters.new_email(token)), (identity.email, letter)):
            about = About(key=f"address:{identity.id}:{to}")
            mail.post(session, to=to, subject=subject, body=body, about=about)


def take_email(token: str, *, by: UUID) -> None:
    """The new address holds. Killed at any point it can be called again.

    1. The platform has it, and the old address is told.
    2. Every firm of this person hears it.
    3. The link has done its work.

    Raises LinkExpired, OtherAccount, EmailTaken.
    """
    with platform_work() as session:
        identity, old = profiles.take_email(session, token, by=by)
        if old is not None:
            with force_locale(identity.locale):
                subject, body = letters.old_email(identity)
                mail.post(session, to=old, subject=subject, body=body)
    users.retell(identity.id, name=identity.name, email=identity.email)
    profiles.settle_email(token)
