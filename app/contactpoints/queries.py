from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Row,
    Select,
    String,
    bindparam,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from app.contactpoints.models import ContactPoint, PointKind
from app.core.access import visible
from tenants.db import db, rows

OWNERS: Mapping[str, InstrumentedAttribute[UUID | None]] = {
    "contact": ContactPoint.contact_id,
    "company": ContactPoint.company_id,
}


def points_of(entity: str, record_id: UUID) -> Sequence[ContactPoint]:
    return db.session.scalars(_POINTS[entity], {"record_id": record_id}).all()


def kept_points(entity: str, record_id: UUID) -> Sequence[Row[Any]]:
    """The same with their places, to be compared with what was entered."""
    return rows(_KEPT[entity], {"record_id": record_id})


def shown_points(entity: str, record_id: UUID) -> Sequence[Row[Any]]:
    """What of the same pages show, as columns."""
    return rows(_SHOWN[entity], {"record_id": record_id})


def _points_of(owner: InstrumentedAttribute[UUID | None]) -> Select[ContactPoint]:
    return visible(ContactPoint).where(owner == bindparam("record_id")).order_by(ContactPoint.position, ContactPoint.id)


# Built once: every page asks.
_POINTS = {entity: _points_of(owner) for entity, owner in OWNERS.items()}
_UNSHOWN = frozenset({"created_at", "updated_at", "deleted_at", "version", "contact_id", "company_id", "position"})
_COLUMNS = [column for column in ContactPoint.__table__.columns if column.name not in _UNSHOWN]
_SHOWN = {entity: points.with_only_columns(*_COLUMNS) for entity, points in _POINTS.items()}
_KEPT = {entity: points.with_only_columns(*_COLUMNS, ContactPoint.position) for entity, points in _POINTS.items()}


_HOLDS = or_(ContactPoint.until.is_(None), ContactPoint.until > bindparam("today", type_=Date))


def reach_beside(entity: str) -> Callable[[ColumnElement[UUID]], Select[*tuple[Any, ...]]]:
    """The first mail, phone and city of each record that hold today, for the columns of a list."""
    owner = OWNERS[entity]
    columns = (
        _first(ContactPoint.value, PointKind.EMAIL).label("email"),
        _first(ContactPoint.value, PointKind.PHONE).label("phone"),
        _first(ContactPoint.city, PointKind.ADDRESS).label("city"),
    )
    return lambda record_id: select(*columns).where(owner == record_id, ContactPoint.deleted_at.is_(None), _HOLDS)


def _first(column: Any, kind: PointKind) -> ColumnElement[str]:
    ordered = func.array_agg(aggregate_order_by(column, ContactPoint.position, ContactPoint.id))
    return type_coerce(ordered.filter(ContactPoint.kind == kind).self_group(), ARRAY(String))[1]


def reachable_by(entity: str, model: Any, kind: PointKind) -> ColumnElement[bool]:
    """Today, by the parameter ``today`` of every list."""
    is_one = (ContactPoint.kind == kind, ContactPoint.deleted_at.is_(None), _HOLDS)
    return exists().where(OWNERS[entity] == model.id, *is_one)


def reaches_of(entity: str, kind: PointKind) -> Callable[[Any], Select[Any]]:
    """From the listed model to a record's points of a kind, as people write them."""
    found = select(ContactPoint.value).where(ContactPoint.kind == kind, ContactPoint.deleted_at.is_(None))
    return lambda model: found.where(OWNERS[entity] == model.id)


def places_of(entity: str, column: InstrumentedAttribute[str | None]) -> Callable[[Any], Select[Any]]:
    """The same: what its addresses say of this."""
    found = select(column).where(ContactPoint.kind == PointKind.ADDRESS, ContactPoint.deleted_at.is_(None))
    return lambda model: found.where(OWNERS[entity] == model.id)
