"""Secrets that we have to read again: unreadable where they lie, and readable across the rotation of the key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.settings import settings
from tenants import sealing
from tenants.sealing import Unsealable

pytestmark = pytest.mark.usefixtures("app")
OLD, NEW = "old-" * 10, "new-" * 10


def with_keys(monkeypatch: pytest.MonkeyPatch, key: str, *former: str) -> None:
    known = settings()
    now = {"secret_key": key, "secret_key_fallbacks": former}
    monkeypatch.setattr(sealing, "settings", lambda: replace(known, **now))


def test_what_lies_in_the_database_says_nothing() -> None:
    sealed = sealing.seal(b"JBSWY3DPEHPK3PXP")

    assert b"JBSWY3DPEHPK3PXP" not in sealed
    assert sealed != sealing.seal(b"JBSWY3DPEHPK3PXP")
    assert sealing.unseal(sealed) == b"JBSWY3DPEHPK3PXP"


def test_a_rotated_key_still_opens_what_it_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    with_keys(monkeypatch, OLD)
    before = sealing.seal(b"secret")

    with_keys(monkeypatch, NEW, OLD)
    assert sealing.unseal(before) == b"secret"
    after = sealing.seal(b"secret")

    with_keys(monkeypatch, NEW)
    assert sealing.unseal(after) == b"secret"
    with pytest.raises(Unsealable):
        sealing.unseal(before)


def test_what_was_changed_is_not_opened() -> None:
    sealed = bytearray(sealing.seal(b"secret"))
    sealed[-5] ^= 1

    with pytest.raises(Unsealable):
        sealing.unseal(bytes(sealed))
