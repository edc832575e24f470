"""A device that holds passkeys, as WebAuthn (level 3) has it: what a browser would answer, without a browser."""

from __future__ import annotations

import hashlib
import html
import json
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_PRESENT_AND_VERIFIED, _WITH_KEY = 0x05, 0x40


def asked_on(page: str) -> dict[str, Any]:
    """What the page asks of the device."""
    found = re.search(r'data-options="([^"]+)"', page)
    assert found, page
    asked: dict[str, Any] = json.loads(html.unescape(found[1]))
    return asked


@dataclass
class Device:
    origin: str = "http://127.0.0.1:8000"
    """Where its browser is, whatever a page says."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    signed: int = 0

    def makes(self, asked: dict[str, Any]) -> str:
        """The answer to a wish for a new passkey."""
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        told = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(public)
        data = self._data(asked["rp"]["id"], _PRESENT_AND_VERIFIED | _WITH_KEY) + told
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {"clientDataJSON": _text(self._client("webauthn.create", asked)), "attestationObject": _text(attestation)}
        )

    def signs(self, asked: dict[str, Any]) -> str:
        """The answer to a challenge."""
        self.signed += 1
        data, client = self._data(asked["rpId"], _PRESENT_AND_VERIFIED), self._client("webauthn.get", asked)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {"clientDataJSON": _text(client), "authenticatorData": _text(data), "signature": _text(signature)}
        )

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.signed.to_bytes(4, "big")

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        known = _text(self.credential)
        told = {"id": known, "rawId": known, "type": "public-key", "response": response, "clientExtensionResults": {}}
        return json.dumps(told)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
