"""Settings that do not fit one another, or that would open the house: the sentence with which the start ends."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from config import logins
from config.loopback import LOOPBACK

if TYPE_CHECKING:
    from config.settings import Settings

_SHORTEST_SECRET = 32


def refused_because(values: Settings) -> str | None:
    """The first reason not to start, or None."""
    reasons = _reasons_in_embedded(values) if values.embedded else _reasons_in_the_open(values)
    return next(chain(_reasons_always(values), reasons), None)


def _reasons_always(values: Settings) -> Iterator[str]:
    if len(values.secret_key) < _SHORTEST_SECRET:
        yield f"SECRET_KEY must have at least {_SHORTEST_SECRET} characters."
    if "," in values.secret_key:
        yield "SECRET_KEY must not contain a comma, which separates former keys in SECRET_KEY_FALLBACKS."
    if any(len(key) < _SHORTEST_SECRET for key in values.secret_key_fallbacks):
        yield f"Each key in SECRET_KEY_FALLBACKS must have at least {_SHORTEST_SECRET} characters."
    yield from _public_url(values.public_url)
    yield from _logins(values)
    yield from _place("FILES_URL", values.files_url)
    yield from _place("BACKUPS_URL", values.backups_url or "")
    if values.backups_url == values.files_url:
        yield "BACKUPS_URL must be another place than FILES_URL."
    yield from _mail(values.smtp_url)
    yield from _sentry(values.sentry_dsn)


def _public_url(given: str) -> Iterator[str]:
    parts = urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield "PUBLIC_URL must begin with http:// or https:// and name a host."
    elif parts.path or parts.query or parts.fragment:
        yield "PUBLIC_URL must end with the host or its port; Kontor needs a host name of its own."


def _logins(values: Settings) -> Iterator[str]:
    given = {"DATABASE_URL": values.database_url, "CELL_URL": values.cell_url, "DIRECT_URL": values.direct_url}
    for name, url in given.items():
        login = logins.NAMES.get(name, logins.PLATFORM)
        if (found := _split(url)) is None or found.scheme != "postgresql":
            yield f"{name} must begin with postgresql://."
        elif found.username != login:
            yield f"{name} must log in as {login}; the login that may create roles belongs in PROVISIONER_URL."


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _mail(given: str | None) -> Iterator[str]:
    found = _split(given or "smtp://localhost")
    if found is None or found.scheme not in {"smtp", "smtps"} or not found.hostname:
        yield "SMTP_URL must begin with smtp:// or smtps:// and name a host."
    elif found.query not in {"", "starttls=required"}:
        yield "SMTP_URL may end with ?starttls=required and with nothing else behind a question mark."


def _place(name: str, given: str) -> Iterator[str]:
    scheme = urlsplit(given).scheme
    if scheme not in {"", "s3"} or (scheme == "s3" and not urlsplit(given).hostname):
        yield f"{name} must be a folder or s3://bucket/prefix."


def _sentry(given: str | None) -> Iterator[str]:
    parts = urlsplit(given or "")
    if given and not (parts.scheme in {"http", "https"} and parts.username and parts.path.strip("/").isdecimal()):
        yield "SENTRY_DSN must be the address that your Sentry shows for the project (https://key@host/number)."


def _reasons_in_the_open(values: Settings) -> Iterator[str]:
    if values.smtp_url is None:
        yield "SMTP_URL is not set, so no mail could leave; set it, or try Kontor on your own machine with ./run."
    if values.loopback_webhooks:
        yield "KONTOR_LOOPBACK_WEBHOOKS is for tests only: customers could reach this machine's inside."
    if values.travelling_clock:
        yield "KONTOR_TRAVELLING_CLOCK is for tests only: whoever writes one row could change the time."


def _reasons_in_embedded(values: Settings) -> Iterator[str]:
    """Mailbox and demo log-ins are open to everybody who comes by, so nobody else may."""
    if urlsplit(values.public_url).hostname not in LOOPBACK:
        yield (
            f"KONTOR_EMBEDDED opens everybody's mails and the demo's log-ins, so PUBLIC_URL must stay on this machine,"
            f" not {values.public_url}; servers start `kontor web` and the other processes of deploy/ instead."
        )
    if values.trusted_proxies:
        yield "TRUSTED_PROXIES is for servers; KONTOR_EMBEDDED opens everybody's mails to whoever comes by."
