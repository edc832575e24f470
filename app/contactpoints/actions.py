from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, cast, func, select, update

from app.contactpoints import queries
from app.contactpoints.drafts import Draft
from app.contactpoints.models import ContactPoint
from tenants import bulk, clock
from tenants.db import db, new_id


def add_points(entity: str, drafts: Sequence[tuple[UUID, Sequence[Draft]]]) -> None:
    """Store the contact points of many new records in one statement."""
    rows = [
        {"id": new_id(), owner_of(entity): record_id, "position": position, **columns_of(draft)}
        for record_id, own in drafts
        for position, draft in enumerate(own)
    ]
    bulk.insert_rows(ContactPoint, rows)


def replace_points(entity: str, record_id: UUID, drafts: Sequence[tuple[UUID | None, Draft]]) -> None:
    """Make these the record's contact points: those with an id are changed, those without added, all others
    removed.

    What is removed stays in the table, so that the history can still name it.
    """
    existing = {point.id: point for point in queries.kept_points(entity, record_id)}
    added: list[dict[str, Any]] = []
    changed: dict[UUID, dict[str, Any]] = {}
    for position, (point_id, draft) in enumerate(drafts):
        point = existing.pop(point_id, None) if point_id else None
        columns = {"position": position, **columns_of(draft)}
        if point is None:
            added.append({"id": new_id(), owner_of(entity): record_id, **columns})
        elif any(getattr(point, name) != value for name, value in columns.items()):
            changed[point.id] = columns
    bulk.insert_rows(ContactPoint, added)
    change_points(changed)
    remove_points(existing)


def change_points(told: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Make these points say this, each in the same columns; one statement for all."""
    if not told:
        return
    names = list(next(iter(told.values())))
    arrays = [func.unnest(cast([own[name] for own in told.values()], _array_of(name))).label(name) for name in names]
    new = select(func.unnest(cast(list(told), ARRAY(Uuid))).label("id"), *arrays).subquery()
    values = {**{name: new.c[name] for name in names}, "version": ContactPoint.version + 1}
    statement = update(ContactPoint).where(ContactPoint.id == new.c.id).values(values)
    db.session.execute(statement.execution_options(synchronize_session=False))


def remove_points(ids: Collection[UUID]) -> None:
    """One statement for all."""
    if ids:
        values = {"deleted_at": clock.now(), "version": ContactPoint.version + 1}
        statement = update(ContactPoint).where(ContactPoint.id.in_(ids)).values(values)
        db.session.execute(statement.execution_options(synchronize_session=False))


def _array_of(name: str) -> ARRAY[Any]:
    return ARRAY(ContactPoint.__table__.columns[name].type)


def end_points(entity: str, record_id: UUID, ids: Collection[UUID], *, on: date) -> None:
    """From ``on`` these no longer hold; they still find the record."""
    for point in queries.points_of(entity, record_id):
        if point.id in ids:
            point.until = on


def owner_of(entity: str) -> str:
    return queries.OWNERS[entity].key


def columns_of(draft: Draft) -> dict[str, object]:
    return {
        "kind": draft.kind,
        "label": draft.label,
        "value": draft.written(),
        "normalised": draft.normalised,
        "street": draft.street,
        "postal_code": draft.postal_code,
        "city": draft.city,
        "country": draft.country,
    }
