"""What the mails of the sign-up say, in the reader's language."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext

from app.core import quoting
from config.settings import settings
from tenants.models import Identity
from tenants.signups import Signup


def confirmation(signup: Signup, *, token: str, known: Identity | None) -> tuple[str, str]:
    """Subject and body of the mail that asks whether it was really them."""
    link = settings().public_url + url_for("signup.confirm", token=token)
    if known is None:
        return gettext("Please confirm your sign-up"), _welcome(signup, link)
    return gettext("Another firm for your account"), _known(signup, link)


def _welcome(signup: Signup, link: str) -> str:
    return gettext(
        "Good day, %(name)s,\n\n"
        "one step is left until %(firm)s can work with Kontor. Please open this link and confirm:\n\n"
        "%(link)s\n\n"
        "The link works for two days. If you did not sign up, nothing needs to be done.\n\n"
        "Kontor\n",
        name=quoting.plain(signup.name),
        firm=quoting.quoted(signup.firm),
        link=link,
    )


def _known(signup: Signup, link: str) -> str:
    return gettext(
        "Good day,\n\n"
        "somebody has signed up the firm %(firm)s with this address. The address has an account already; "
        "this link adds the firm to it once the password of the account is typed there:\n\n"
        "%(link)s\n\n"
        "The link works for two days. If it was not you, nothing needs to be done.\n\n"
        "Kontor\n",
        firm=quoting.quoted(signup.firm),
        link=link,
    )
