from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, update

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


def replace_points(entity: str, record_id: UUID, drafts: Sequence[tuple[UUID | None, Draft]]) -> list[str]:
    """Make these the record's contact points: those with an id are changed, those without added, all others
    removed. Answers by which words the record is found then.

    What is removed stays in the table, so that the history can still name it.
    """
    existing = {point.id: point for point in queries.kept_points(entity, record_id)}
    added: list[dict[str, Any]] = []
    changed: dict[UUID, dict[str, Any]] = {}
    words: list[str] = []
    for position, (point_id, draft) in enumerate(drafts):
        point = existing.pop(point_id, None) if point_id else None
        columns: dict[str, Any] = {"position": position, **columns_of(draft), "normalised": _normalised(draft, point)}
        words += (columns["normalised"], draft.postal_code or "", draft.city or "")
        if point is None:
            added.append({"id": new_id(), owner_of(entity): record_id, **columns})
        elif any(getattr(point, name) != value for name, value in columns.items()):
            changed[point.id] = columns
    bulk.insert_rows(ContactPoint, added)
    bulk.change_rows(ContactPoint, changed)
    remove_points(existing)
    return words


def _normalised(draft: Draft, point: Row[Any] | None) -> str:
    """A number that nobody has touched keeps the country in which it was typed, wherever the firm is by now."""
    is_untouched = point is not None and (point.kind, point.value) == (draft.kind, draft.written())
    return str(point.normalised) if point is not None and is_untouched else draft.normalised


def remove_points(ids: Collection[UUID]) -> None:
    """One statement for all."""
    if ids:
        values = {"deleted_at": clock.now(), "version": ContactPoint.version + 1}
        statement = update(ContactPoint).where(ContactPoint.id.in_(ids)).values(values)
        db.session.execute(statement.execution_options(synchronize_session=False))


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
