from __future__ import annotations

from flask import url_for
from flask_babel import force_locale, gettext

from config.settings import settings
from tenants import identities, mail
from tenants.db import platform_work


def send_reset_link(*, email: str) -> None:
    """Write to whoever has this address; nobody learns here whether somebody has."""
    with platform_work() as session:
        identity = identities.find_by_email(session, email)
        if identity is None:
            return
        token = identities.ask_reset(session, identity)
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
