"""Signatures as the Standard Webhooks have them: HMAC-SHA256 over id, moment and body. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

MARK = "whsec_"
BYTES = 32


def shown(secret: bytes) -> str:
    """As people copy it to the receiver."""
    return MARK + base64.b64encode(secret).decode()


def headers(message_id: str, body: bytes, *, secrets: Sequence[bytes], at: datetime) -> Mapping[str, str]:
    """One signature of each secret: while a secret is changed, the receiver may know either."""
    moment = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), moment.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(_signature(secret, content) for secret in secrets),
    }


def _signature(secret: bytes, content: bytes) -> str:
    return "v1," + base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
