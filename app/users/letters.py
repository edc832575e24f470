"""What the mail of an invitation says."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext

from app.core import quoting
from config.settings import settings
from tenants.models import Invitation


def invitation(invited: Invitation, *, firm: str, inviter: str, token: str) -> tuple[str, str]:
    """Subject and body."""
    firm, inviter = quoting.quoted(firm), quoting.plain(inviter)
    subject = gettext("%(inviter)s invites you to %(firm)s", inviter=inviter, firm=firm)
    body = gettext(
        "Good day, %(name)s,\n\n"
        "%(inviter)s invites you to work with %(firm)s in Kontor. This link opens the way in:\n\n"
        "%(link)s\n\n"
        "The link works for seven days. If you do not expect this invitation, nothing needs to be done.\n\n"
        "Kontor\n",
        name=quoting.plain(invited.name),
        inviter=inviter,
        firm=firm,
        link=settings().public_url + url_for("invitations.show", token=token),
    )
    return subject, body


def second_factor_gone() -> tuple[str, str]:
    """What somebody hears whose second factor was taken away by others."""
    body = gettext(
        "Good day,\n\n"
        "the second factor of your account was taken away, because somebody in your name has said that it is lost. "
        "You log in with your password alone until you add a new one in your profile.\n\n"
        "If you have lost nothing, please add one at once and tell an administrator of your firm.\n\n"
        "Kontor\n"
    )
    return gettext("Your second factor was taken away"), body
