"""What the mails of a person's account say, in their language."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext

from config.settings import settings
from tenants.models import Identity


def new_email(token: str) -> tuple[str, str]:
    """Subject and body of the mail that asks whether the new address is really theirs."""
    body = gettext(
        "Good day,\n\n"
        "with this link this address becomes the one with which you log in to Kontor:\n\n"
        "%(link)s\n\n"
        "It works for two days. If you did not ask for it, nothing needs to be done.\n\n"
        "Kontor\n",
        link=settings().public_url + url_for("email_links.confirm", token=token),
    )
    return gettext("Please confirm your new address"), body


def known_email() -> tuple[str, str]:
    """The same for an address with which somebody logs in already."""
    body = gettext(
        "Good day,\n\n"
        "somebody wanted to use this address for an account of Kontor. It belongs to an account already, so nothing "
        "has changed, and nothing needs to be done.\n\n"
        "Kontor\n"
    )
    return gettext("Your address is in use already"), body


def old_email(identity: Identity) -> tuple[str, str]:
    """What the old address hears."""
    body = gettext(
        "Good day,\n\n"
        "from now on %(name)s logs in to Kontor with %(email)s, and no longer with this address. "
        "If it was not you, please tell an administrator of your firm at once.\n\n"
        "Kontor\n",
        name=identity.name,
        email=identity.email,
    )
    return gettext("Your address for Kontor has changed"), body
