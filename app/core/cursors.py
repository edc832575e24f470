"""The place behind a row of a list, signed, as an address carries it."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Row

from config.settings import settings


def behind(row: Row[Any], sort: str) -> str:
    value = row.updated_at.isoformat() if sort == "recent" else row.sort_key
    return str(_signer().dumps([sort, value, str(row.id)]))


def read(cursor: str | None, *, sort: str) -> tuple[Any, UUID] | None:
    """A cursor that was tampered with, or belongs to another order, means the first page."""
    if not cursor:
        return None
    try:
        of, value, record_id = _signer().loads(cursor)
    except BadSignature:
        return None
    if of != sort:
        return None
    return (datetime.fromisoformat(value) if sort == "recent" else value), UUID(record_id)


@cache
def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().signing_keys, salt="list cursor")
