"""Settings with which a house starts, and which leave it weak: addresses without encryption, keys, files.

What makes no sense at all has ended the start already (config/contradictions.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from config.loopback import LOOPBACK
from config.settings import settings
from tenants import filestores, smtp
from tenants.doctor.findings import Finding, fine, hint, wrong
from tenants.filestores import FilesSilent

_FEWEST_CHARACTERS = 10
"""Different ones in a key that was made by chance; 32 hexadecimal digits have fewer once in some ten thousand times."""

_SHORTEST_TOKEN = 16
_MAKE_ONE = "`openssl rand -hex 32` makes a good one"


def examine() -> Iterator[Finding]:
    """On one's own machine only the files are asked for: nobody else comes there."""
    yield from address()
    if not settings().embedded:
        for check in (mail, keys, metrics):
            yield from check()
    yield from files()


def address() -> Iterator[Finding]:
    url = settings().public_url
    if settings().https or urlsplit(url).hostname in LOOPBACK:
        yield fine("address", f"People reach us at {url}.")
    else:
        sentence = f"People reach us at {url}, so passwords travel unencrypted."
        yield wrong("address", sentence, remedy="Put a certificate before it and set PUBLIC_URL to https://...")


def mail() -> Iterator[Finding]:
    server = smtp.read(settings().smtp_url or "")
    if server.is_plain and server.host not in LOOPBACK:
        sentence = f"Mails leave for {server.host} unencrypted: whoever listens on the way reads every password link."
        remedy = "Let SMTP_URL begin with smtps://, name a user in it, or end with ?starttls=required."
        yield wrong("smtp", sentence, remedy=remedy)
    else:
        yield fine("smtp", f"Nobody reads mails on their way to {server.host}.")


def keys() -> Iterator[Finding]:
    """How long a key must be is asked at the start."""
    if len(set(settings().secret_key)) < _FEWEST_CHARACTERS:
        remedy = f"Change it as the runbook says; {_MAKE_ONE}."
        yield wrong("keys", "SECRET_KEY repeats few characters, so it can be guessed.", remedy=remedy)
    else:
        yield fine("keys", "SECRET_KEY is long enough.")
    if former := len(settings().secret_key_fallbacks):
        sentence = "A former key is" if former == 1 else f"{former} former keys are"
        remedy = "30 days after the change empty SECRET_KEY_FALLBACKS and restart all processes."
        yield hint("keys", f"{sentence} still believed.", remedy=remedy)


def metrics() -> Iterator[Finding]:
    token = settings().metrics_token
    if token is None:
        remedy = f"Set METRICS_TOKEN and let Prometheus read /metrics with it; {_MAKE_ONE}."
        yield hint("metrics", "Nobody can watch this house: there is no page of metrics.", remedy=remedy)
    elif len(token) < _SHORTEST_TOKEN:
        sentence = f"METRICS_TOKEN has fewer than {_SHORTEST_TOKEN} characters, so it can be guessed."
        yield wrong("metrics", sentence, remedy=f"Choose a longer one; {_MAKE_ONE}.")
    else:
        yield fine("metrics", "The page of metrics is closed to whoever does not know the token.")


def files() -> Iterator[Finding]:
    place = settings().files_url
    try:
        filestores.store().try_out()
    except FilesSilent as silent:
        yield wrong("files", f"Files cannot be kept at {place}: {_reason(silent)}.", remedy=_files_remedy(place))
    else:
        yield fine("files", f"Files can be written, read and removed at {place}.")


def _reason(silent: FilesSilent) -> str:
    """Some libraries write a page about it."""
    cause = silent.__cause__
    lines = str(cause).strip().splitlines()
    return f"{type(cause).__name__}: {lines[0][:200].rstrip('.')}" if lines else type(cause).__name__


def _files_remedy(place: str) -> str:
    if place.startswith("s3://"):
        return "Correct FILES_URL and the AWS_* variables (address, keys, region), and see that the store runs."
    return "Correct FILES_URL, or let this user write there; mount the disk if it is one."
