"""Secrets that we have to read again: kept so that the database alone tells nobody what they are.

Sealed with SECRET_KEY (Fernet: AES-128-CBC and HMAC-SHA256); those of before it was rotated open as long as
SECRET_KEY_FALLBACKS names the key.
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

from config import lazily
from config.settings import settings

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class Unsealable(Exception):
    """Sealed with a key that nobody holds any more."""


def seal(secret: bytes) -> bytes:
    return _keys().encrypt(secret)


def unseal(sealed: bytes) -> bytes:
    """Raises Unsealable."""
    try:
        return _keys().decrypt(sealed)
    except lazily.module("cryptography.fernet").InvalidToken as error:
        raise Unsealable from error


def _keys() -> MultiFernet:
    fernet = lazily.module("cryptography.fernet")
    keys: MultiFernet = fernet.MultiFernet([fernet.Fernet(_derived(key)) for key in reversed(settings().signing_keys)])
    return keys


def _derived(key: str) -> bytes:
    return base64.urlsafe_b64encode(hmac.new(key.encode(), b"sealed secrets", "sha256").digest())
