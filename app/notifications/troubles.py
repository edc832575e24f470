"""Why a message was not taken, as a sentence for people. What is stored is a code or what the mail server said."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.core.fields import Text
from tenants.attempts import KILLED
from tenants.outbound import Trouble

ANSWERED = "answer"
"""As a code: the receiver of a webhook answered, and not that it has taken the message."""

OF_WEBHOOKS: Mapping[str, Text] = {
    Trouble.REFUSED: _l("The address leads to where nothing is sent."),
    Trouble.UNKNOWN: _l("There is no such host."),
    Trouble.UNREACHABLE: _l("The host cannot be reached."),
    Trouble.TOO_SLOW: _l("There was no answer within 10 seconds."),
    Trouble.UNTRUSTED: _l("The certificate is not valid for the host."),
    Trouble.NO_ANSWER: _l("What came back was no answer of a web server."),
    ANSWERED: _l("The receiver did not take it."),
}

_UNREACHABLE = _l("The mail server cannot be reached.")
_BROKEN_OFF = _l("The connection to the mail server broke off.")
_UNTRUSTED = _l("The certificate of the mail server is not valid.")
_OF_MAILS: Mapping[str, Text] = {
    "gaierror": _l("The mail server is not known under its name."),
    "ConnectionRefusedError": _UNREACHABLE,
    "TimeoutError": _l("The mail server does not answer."),
    "OSError": _UNREACHABLE,
    "SMTPConnectError": _UNREACHABLE,
    "SMTPServerDisconnected": _BROKEN_OFF,
    "ConnectionResetError": _BROKEN_OFF,
    "BrokenPipeError": _BROKEN_OFF,
    "SSLCertVerificationError": _UNTRUSTED,
    "SSLError": _UNTRUSTED,
    "SMTPAuthenticationError": _l("The mail server does not let Kontor in."),
    "SMTPNotSupportedError": _l("The mail server cannot do what this mail needs."),
    "SMTPSenderRefused": _l("The mail server takes no mail from our address."),
    "SMTPRecipientsRefused": _l("The mail server takes no mail for this address."),
    "SMTPDataError": _l("The mail server did not take this mail."),
}


def of_webhook(code: str) -> str:
    if code == KILLED:
        return killed()
    return str(OF_WEBHOOKS.get(code, "")) or gettext("The message could not be handed over.")


def of_mail(error: str) -> str:
    """``error``: as tenants/smtp.py tells it, the name of what happened first."""
    if error == KILLED:
        return killed()
    return str(_OF_MAILS.get(error.partition(":")[0], "")) or gettext("The mail could not be handed over.")


def killed() -> str:
    return gettext("Every worker that began it ended in the middle of it.")
