"""Of which list or record somebody may hear: its page says it to the live updates, signed, since those know no
permissions.

What is signed holds for one person with the role they had when the page was made.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from flask import g
from itsdangerous import BadSignature, URLSafeSerializer

from config.settings import settings
from tenants.context import current_actor


class Grant(NamedTuple):
    subject: str
    """The table of a list, or the id of a record."""

    user_id: str
    role: str


def granted(subject: object) -> str:
    """For the page that is being made: its reader may see this. Empty where nobody reads it."""
    user_id = current_actor().user_id
    return signed(str(subject), user_id=user_id, role=g.role) if user_id else ""


@lru_cache(maxsize=4096)
def signed(subject: str, *, user_id: UUID, role: str) -> str:
    return str(_signer().dumps(Grant(subject, str(user_id), role)))


def read(written: str) -> Grant | None:
    try:
        return Grant(*_signer().loads(written))
    except (BadSignature, TypeError):
        return None


def _signer() -> URLSafeSerializer:
    # The first words for it; with others, pages that are open would hear nothing until they are loaded anew.
    return URLSafeSerializer(settings().signing_keys, salt="lists that are heard of")
