"""Codes that an app makes of a shared secret and the time: TOTP (RFC 6238), with what every app takes for granted, six
digits, thirty seconds, SHA-1.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

STEP = 30
"""Seconds."""

_DIGITS = 6
_LATE = 1
"""Steps that a phone's clock may be wrong, either way; RFC 6238, section 5.2 recommends at most one."""


def new_secret() -> bytes:
    """160 bits, as RFC 4226, section 4 recommends."""
    return secrets.token_bytes(20)


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def code(secret: bytes, step: int) -> str:
    """RFC 4226, section 5.3: four bytes of the digest, beginning where its last four bits say."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), "sha1").digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def step_of(secret: bytes, typed: str, *, now: datetime, after: int) -> int | None:
    """The step of which this is the code, among those around now that come after the last one that was taken."""
    given = "".join(typed.split()).encode()
    around = range(step_at(now) - _LATE, step_at(now) + _LATE + 1)
    fitting = [step for step in around if hmac.compare_digest(code(secret, step).encode(), given)]
    return next((step for step in fitting if step > after), None)


def spelled(secret: bytes) -> str:
    """As people type it where no camera is at hand."""
    letters = base64.b32encode(secret).decode()
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def address(secret: bytes, *, account: str, issuer: str) -> str:
    """What the picture for the camera holds (Key Uri Format of Google Authenticator)."""
    label = f"{quote(issuer, safe='')}:{quote(account, safe='@')}"
    return f"otpauth://totp/{label}?secret={base64.b32encode(secret).decode()}&issuer={quote(issuer, safe='')}"
