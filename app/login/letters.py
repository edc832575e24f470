"""What the mails of a person's account say, in their language."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext

from app.core import callers, i18n, quoting
from app.core.i18n import Reader
from config.settings import settings
from tenants import clock, identities
from tenants.models import Identity


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When and from where something is done to an account, as its owner reads it."""

    moment: str
    address: str
    device: str


def circumstances(identity: Identity) -> Circumstances:
    """Of this request. The moment is said in the zone of the first of the person's firms, which it names."""
    firms = identities.tenants_of(identity.id)
    zone = ZoneInfo(firms[0].timezone) if firms else ZoneInfo("UTC")
    now = clock.now().astimezone(zone)
    said = Reader(identity.locale, zone, now, i18n.TIME_FORMATS.get(identity.time_format, "short")).full_date(now)
    return Circumstances(f"{said} ({zone.key})", callers.address(), callers.say_device(callers.device()))


def new_password(done: Circumstances) -> tuple[str, str]:
    """What the owner hears of a new password, whoever has set it: when and from where, and what to do."""
    body = gettext(
        "Good day,\n\n"
        "your account of Kontor has a new password. It was set:\n\n"
        "on %(moment)s\n"
        "from the address %(address)s\n"
        "in the browser: %(device)s\n\n"
        "Every browser is logged out, and links that were sent before do not work any more. "
        "If it was you, nothing needs to be done.\n\n"
        "If it was not you, please take the account back at once: ask for a new password at %(link)s "
        "and tell an administrator of your firm.\n\n"
        "Kontor\n",
        moment=done.moment,
        address=done.address,
        device=done.device,
        link=settings().public_url + url_for("passwords.forgotten"),
    )
    return gettext("Your account has a new password"), body


def new_email(token: str) -> tuple[str, str]:
    """Subject and body of the mail that asks whether the new address is really theirs."""
    body = gettext(
        "Good day,\n\n"
        "with this link this address becomes the one with which you log in to Kontor:\n\n"
        "%(link)s\n\n"
        "It works for two days, and asks you to log in. If you did not ask for it, nothing needs to be done.\n\n"
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


def asked_email(done: Circumstances, *, email: str, stop: str) -> tuple[str, str]:
    """What the old address hears at once, while there is still something to stop."""
    body = gettext(
        "Good day,\n\n"
        "somebody who knows your password wants to log in to Kontor with %(email)s in the place of this address. "
        "It was asked for:\n\n"
        "on %(moment)s\n"
        "from the address %(address)s\n"
        "in the browser: %(device)s\n\n"
        "If it was you, please open the link that was sent to %(email)s. "
        "If it was not you, stop it with this link and choose a new password:\n\n"
        "%(link)s\n\n"
        "Kontor\n",
        email=email,
        moment=done.moment,
        address=done.address,
        device=done.device,
        link=settings().public_url + url_for("email_links.stop", token=stop),
    )
    return gettext("Somebody wants to change the address of your account"), body


def old_email(identity: Identity) -> tuple[str, str]:
    """What the old address hears."""
    body = gettext(
        "Good day,\n\n"
        "from now on %(name)s logs in to Kontor with %(email)s, and no longer with this address. "
        "If it was not you, please tell an administrator of your firm at once.\n\n"
        "Kontor\n",
        name=quoting.plain(identity.name),
        email=identity.email,
    )
    return gettext("Your address for Kontor has changed"), body


def second_factor(done: Circumstances, *, what: str) -> tuple[str, str]:
    """What the owner hears of whatever is done to the second factors; ``what`` is a sentence."""
    body = gettext(
        "Good day,\n\n"
        "%(what)s It was done:\n\n"
        "on %(moment)s\n"
        "from the address %(address)s\n"
        "in the browser: %(device)s\n\n"
        "If it was you, nothing needs to be done. If it was not you, please choose a new password at once at %(link)s "
        "and tell an administrator of your firm.\n\n"
        "Kontor\n",
        what=what,
        moment=done.moment,
        address=done.address,
        device=done.device,
        link=settings().public_url + url_for("passwords.forgotten"),
    )
    return gettext("The second factor of your account"), body
