"""What lines of a list say of the contact points of many records, and making them say something else.

A field of a list is the first point of its kind and label; the lines of an address are one point.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, any_, bindparam, select

from app.contactpoints.actions import columns_of, owner_of, remove_points
from app.contactpoints.drafts import ADDRESS, PLAIN, Draft, from_cells
from app.contactpoints.models import ContactPoint, PointKind
from app.contactpoints.queries import OWNERS
from app.core.fields import Values
from tenants import bulk
from tenants.db import new_id, rows

_COLUMNS = ("value", "normalised", "street", "postal_code", "city", "country")
_Slot = tuple[PointKind, str]


@dataclass(frozen=True, slots=True)
class Reach:
    """The contact points of one record, as a list knows them."""

    values: Values
    points: Sequence[Row[Any]]

    def holds(self, field: str, value: str) -> bool:
        """Whether one of the points says so, whatever its label."""
        if field not in PLAIN:
            return False
        kind, label = PLAIN[field]
        wanted = Draft(kind=kind, label=label, value=value).normalised
        return any(point.kind is kind and point.normalised == wanted for point in self.points)


def read_reach(entity: str, ids: Collection[UUID]) -> Mapping[UUID, Reach]:
    """For each of these records, in one statement."""
    points: dict[UUID, list[Row[Any]]] = {record_id: [] for record_id in ids}
    for row in rows(_OF[entity], {"ids": list(ids)}):
        points[row.owner].append(row)
    return {record_id: Reach(dict(_said(own)), own) for record_id, own in points.items()}


def write_reach(entity: str, told: Mapping[UUID, Values]) -> Mapping[UUID, Sequence[str]]:
    """Make the points say this, where they do not yet; answers by which words each record is found then.

    A field that is not named stays as it is; one that is empty loses its point, which stays in the table.
    """
    reach = read_reach(entity, list(told))
    writing = _Writing(entity)
    words = {record_id: writing.take_down(record_id, reach[record_id], values) for record_id, values in told.items()}
    bulk.change_rows(ContactPoint, writing.changed)
    remove_points(writing.removed)
    bulk.insert_rows(ContactPoint, writing.added)
    return words


class _Writing:
    """What is to become of the points of many records."""

    def __init__(self, entity: str) -> None:
        self._entity = entity
        self.changed: dict[UUID, dict[str, Any]] = {}
        self.removed: list[UUID] = []
        self.added: list[dict[str, Any]] = []

    def take_down(self, record_id: UUID, reach: Reach, values: Values) -> list[str]:
        left = {point.id: point for point in reach.points}
        words: list[str] = []
        for slot, draft in _wanted(reach, values):
            point = _first(reach.points, slot)
            if point is not None:
                left.pop(point.id)
                self._change(point.id, draft)
            elif draft is not None:
                owned = {"id": new_id(), owner_of(self._entity): record_id, "position": len(reach.points)}
                self.added.append({**owned, **columns_of(draft)})
            words.extend(draft.words() if draft is not None else ())
        kept = [word for p in left.values() for word in (p.normalised, p.postal_code or "", p.city or "")]
        return [*kept, *words]

    def _change(self, point_id: UUID, draft: Draft | None) -> None:
        if draft is None:
            self.removed.append(point_id)
        else:
            self.changed[point_id] = {name: value for name, value in columns_of(draft).items() if name in _COLUMNS}


def _of(entity: str) -> Any:
    owner, point = OWNERS[entity], ContactPoint
    columns = (owner.label("owner"), point.id, point.kind, point.label, *(getattr(point, name) for name in _COLUMNS))
    wanted = owner == any_(bindparam("ids", type_=ARRAY(Uuid)))
    return select(*columns).where(wanted, point.deleted_at.is_(None)).order_by(point.position, point.id)


_OF = {entity: _of(entity) for entity in OWNERS}


def _said(points: Sequence[Row[Any]]) -> Iterator[tuple[str, str | None]]:
    for field, slot in PLAIN.items():
        point = _first(points, slot)
        yield field, point.value if point is not None else None
    address = _first(points, (PointKind.ADDRESS, ""))
    for field in ADDRESS:
        yield field, getattr(address, field) if address is not None else None


def _first(points: Sequence[Row[Any]], slot: _Slot) -> Row[Any] | None:
    kind, label = slot
    return next((point for point in points if point.kind is kind and label in ("", point.label)), None)


def _wanted(reach: Reach, values: Values) -> Iterator[tuple[_Slot, Draft | None]]:
    """The points that are to be different."""
    for field, slot in PLAIN.items():
        if field in values and values[field] != reach.values[field]:
            yield slot, next(iter(from_cells({field: values[field]})), None)
    if any(field in values and values[field] != reach.values[field] for field in ADDRESS):
        told = {**{field: reach.values[field] for field in ADDRESS}, **values}
        yield (PointKind.ADDRESS, ""), next(iter(from_cells({field: told[field] for field in ADDRESS})), None)
