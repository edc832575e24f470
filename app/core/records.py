"""Loading one record: seen by the actor, not in the recycle bin, still as it was shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, FromClause, Select, Uuid, any_, bindparam, select, union_all, update

from app.core.access import visible
from app.core.entities import EntityType, entity_types
from tenants import clock
from tenants.db import Versioned, db, rows
from tenants.errors import Conflict, NotFound

Record = TypeVar("Record", bound=Versioned)


class StaleRecord(Conflict):
    """Somebody else has changed this in the meantime. Please look at the present state and enter your change
    again.
    """

    code = "stale_record"


class VersionOutdated(Conflict):
    """Somebody else has changed this in the meantime. Please read it again and then change it."""

    code = "version_outdated"


class VersionRequired(Conflict):
    """Please say in If-Match which version this changes; * stands for any."""

    code = "version_required"


def load(model: type[Record], record_id: UUID) -> Record:
    """Raises NotFound."""
    found: Record | None = db.session.scalar(_one(model), {"record_id": record_id})
    if found is None:
        raise NotFound
    return found


@cache
def _one(model: type[Versioned]) -> Select[Any]:
    """Built once: every page of a record asks."""
    return visible(model).where(model.id == bindparam("record_id"))


@cache
def _one_to_edit(model: type[Versioned]) -> Select[Any]:
    return _one(model).with_for_update()


def load_to_edit(model: type[Record], record_id: UUID, *, version: str) -> Record:
    """Locked until the end of the request; ``version`` is what the form carried.

    Raises NotFound; StaleRecord when somebody else saved since that version was shown.
    """
    found: Record | None = db.session.scalar(_one_to_edit(model), {"record_id": record_id})
    if found is None:
        raise NotFound
    if str(found.version) != version:
        raise StaleRecord
    return found


def titles(entity: EntityType, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """What these records are called; those in the recycle bin are left out."""
    return {row.id: row[1] for row in rows(_titles(entity), {"ids": list(ids)})}


@cache
def _titles(entity: EntityType) -> Select[Any]:
    model: Any = entity.model
    wanted = model.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    return select(model.id, getattr(model, entity.title)).where(wanted, model.deleted_at.is_(None))


def title_beside(kind: ColumnElement[str], record_id: ColumnElement[UUID]) -> FromClause:
    """To be joined to a statement that names records of any kind: what each is called (column ``title``). Those in
    the recycle bin have none.
    """
    each = [_title_of(entity, kind, record_id) for entity in entity_types]
    return union_all(*each).lateral()


def _title_of(entity: EntityType, kind: ColumnElement[str], record_id: ColumnElement[UUID]) -> Select[Any]:
    model: Any = entity.model
    title = select(getattr(model, entity.title).label("title"))
    return title.where(kind == entity.name, model.id == record_id, model.deleted_at.is_(None))


def discard(record: Versioned) -> None:
    """Into the recycle bin, from where it can be taken back."""
    record.deleted_at = clock.now()


def lock_all(model: type[Record], ids: Collection[UUID]) -> set[UUID]:
    """Of these records, those that are not in the recycle bin; locked until the end of the unit of work."""
    wanted = model.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    statement = select(model.id).where(wanted, model.deleted_at.is_(None)).order_by(model.id).with_for_update()
    return {row.id for row in rows(statement, {"ids": list(ids)})}


def discard_all(model: type[Record], ids: Collection[UUID]) -> None:
    """Into the recycle bin, all at one moment; one statement."""
    if ids:
        now = clock.now()
        gone = update(model).where(model.id.in_(ids)).values(deleted_at=now, updated_at=now, version=model.version + 1)
        db.session.execute(gone.execution_options(synchronize_session=False))


def take_back(model: type[Record], record_id: UUID) -> Record:
    """Out of the recycle bin; what lies there no longer is left as it is.

    Raises NotFound.
    """
    found = db.session.get(model, record_id)
    if found is None:
        raise NotFound
    found.deleted_at = None
    return found


def discard_many(model: type[Versioned], ids: Collection[UUID]) -> Sequence[UUID]:
    """Into the recycle bin, in one statement; answers which of them were not there already."""
    now = clock.now()
    return _set(model, ids, model.deleted_at.is_(None), {"deleted_at": now, "updated_at": now})


def take_back_many(model: type[Versioned], ids: Collection[UUID]) -> Sequence[UUID]:
    """Out of the recycle bin; what lies there no longer is left as it is."""
    return _set(model, ids, model.deleted_at.is_not(None), {"deleted_at": None, "updated_at": clock.now()})


def _set(
    model: type[Versioned], ids: Collection[UUID], state: ColumnElement[bool], values: Mapping[str, Any]
) -> Sequence[UUID]:
    statement = update(model).where(model.id.in_(ids), state).values(version=model.version + 1, **values)
    return db.session.scalars(statement.returning(model.id).execution_options(synchronize_session=False)).all()
