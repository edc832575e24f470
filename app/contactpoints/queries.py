from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, bindparam, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from app.contactpoints.models import ContactPoint, PointKind
from app.core.access import visible
from tenants.db import db

OWNERS: Mapping[str, InstrumentedAttribute[UUID | None]] = {
    "contact": ContactPoint.contact_id,
    "company": ContactPoint.company_id,
}


def points_of(entity: str, record_id: UUID) -> Sequence[ContactPoint]:
    return db.session.scalars(
        visible(ContactPoint).where(OWNERS[entity] == record_id).order_by(ContactPoint.position, ContactPoint.id)
    ).all()


def _reach_of(owner: InstrumentedAttribute[UUID | None]) -> Select[Any, Any, Any, Any]:
    return (
        select(owner, ContactPoint.kind, ContactPoint.value, ContactPoint.city)
        .where(owner == any_(bindparam("ids", type_=ARRAY(Uuid))), ContactPoint.deleted_at.is_(None))
        .order_by(ContactPoint.position.desc(), ContactPoint.id.desc())
    )


_REACH = {entity: _reach_of(owner) for entity, owner in OWNERS.items()}
"""Built once: every list asks."""


def first_reach(entity: str, ids: Collection[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    """The first mail, phone and city of each record, for the columns of a list."""
    points = db.session.execute(_REACH[entity], {"ids": list(ids)})
    found: dict[UUID | None, dict[str, str]] = {}
    for record_id, kind, value, city in points:
        texts = found.setdefault(record_id, {})
        if kind is PointKind.ADDRESS:
            texts["city"] = city or ""
        elif kind in (PointKind.EMAIL, PointKind.PHONE):
            texts[kind] = value
    return {record_id: texts for record_id, texts in found.items() if record_id is not None}


def reachable_by(entity: str, model: Any, kind: PointKind) -> ColumnElement[bool]:
    return exists().where(OWNERS[entity] == model.id, ContactPoint.kind == kind, ContactPoint.deleted_at.is_(None))
