from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from app.firm.models import FirmSettings
from tenants.changes import Change
from tenants.db import db, rows

SETTINGS_ID = UUID("0d9d1f52-7f2c-4e57-8a4e-6d4f0b1c5a77")
"""Of the one row: known before there is one, so that two make it once."""

_CHANGES = (
    select(Change.at, Change.actor, Change.old, Change.new, func.count().over().label("number"))
    .where(Change.record_id == SETTINGS_ID, Change.op == "U")
    .order_by(Change.at.desc(), Change.ord.desc())
)


def stored() -> FirmSettings:
    """The row, or one that says nothing where there is none."""
    return db.session.get(FirmSettings, SETTINGS_ID) or FirmSettings(version=0)


def changes(*, most: int) -> Sequence[Row[Any]]:
    """The last changes, newest first; each knows the ``number`` of all."""
    return rows(_CHANGES.limit(most))
