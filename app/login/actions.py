from __future__ import annotations

from uuid import UUID

from flask import url_for
from flask_babel import force_locale, gettext

from app.login import letters
from app.users import actions as users
from config.settings import settings
from tenants import identities, mail, passwords, profiles
from tenants.db import platform_work
from tenants.models import Identity
from tenants.profiles import Profile


def send_reset_link(*, email: str) -> None:
    """Write to whoever has this address; nobody learns here whether somebody has."""
    with platform_work() as session:
        identity = identities.find_by_email(session, email)
        if identity is None:
            return
        token = passwords.ask_reset(session, identity)
        with force_locale(identity.locale):
            mail.post(session, to=email, subject=gettext("A new password for Kontor"), body=_letter(token))


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


def write_profile(identity_id: UUID, profile: Profile) -> None:
    """The platform keeps it, and every firm of this person hears the name."""
    identity = profiles.write(identity_id, profile)
    users.retell(identity.id, name=identity.name, email=identity.email)


def ask_email(identity: Identity, *, email: str) -> None:
    """Write to the new address. One that has an account already gets another mail; the page says the same."""
    with platform_work() as session, force_locale(identity.locale):
        if identities.find_by_email(session, email) is None:
            subject, body = letters.new_email(profiles.ask_email(session, identity.id, email=email))
        else:
            subject, body = letters.known_email()
        mail.post(session, to=email, subject=subject, body=body)


def take_email(token: str) -> None:
    """The new address holds. Killed at any point it can be called again.

    1. The platform has it, and the old address is told.
    2. Every firm of this person hears it.
    3. The link has done its work.

    Raises LinkExpired, EmailTaken.
    """
    with platform_work() as session:
        identity, old = profiles.take_email(session, token)
        if old is not None:
            with force_locale(identity.locale):
                subject, body = letters.old_email(identity)
                mail.post(session, to=old, subject=subject, body=body)
    users.retell(identity.id, name=identity.name, email=identity.email)
    profiles.settle_email(token)
