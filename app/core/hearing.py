"""Which lists somebody may hear of: their page says it to the live updates, signed, since those know no permissions.

What is signed holds for one person with the role they had when the page was made.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from config.settings import settings


class Grant(NamedTuple):
    table: str
    user_id: str
    role: str


@lru_cache(maxsize=4096)
def signed(table: str, *, user_id: UUID, role: str) -> str:
    return str(_signer().dumps(Grant(table, str(user_id), role)))


def read(written: str) -> Grant | None:
    try:
        return Grant(*_signer().loads(written))
    except (BadSignature, TypeError):
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().signing_keys, salt="lists that are heard of")
