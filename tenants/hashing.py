"""Passwords as hashes: argon2id with the library's parameters, which grow with its versions."""

from __future__ import annotations

import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_hasher = PasswordHasher()
# Each hash takes 64 MiB; without a bound a burst of logins would take all memory there is.
_hashing = BoundedSemaphore(4)


def make(password: str) -> str:
    with _hashing:
        return _hasher.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Takes as long without a hash, which no password fits, as with one."""
    with _hashing:
        try:
            _hasher.verify(password_hash or _nobody(), password)
        except (VerifyMismatchError, InvalidHashError):
            return False
    return password_hash is not None


@cache
def _nobody() -> str:
    """A hash that no password fits, made when it is first needed: it takes a quarter of a second."""
    return _hasher.hash(secrets.token_urlsafe(16))


def is_outdated(password_hash: str) -> bool:
    """Whether it was made when less was thought to be enough."""
    return _hasher.check_needs_rehash(password_hash)
