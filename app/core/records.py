"""Loading one record: seen by the actor, not in the recycle bin, still as it was shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Row,
    Select,
    Uuid,
    any_,
    bindparam,
    exists,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import aliased

from app.core.access import visible
from app.core.entities import EntityRef, EntityType, entity_types
from app.core.fields import Values
from tenants import clock
from tenants.db import Versioned, db, rows
from tenants.errors import Conflict, NotFound

Record = TypeVar("Record", bound=Versioned)
Loaded = Versioned | Row[Any]
"""A record that is looked at, whole or as columns."""


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


class DoesNotFit(Conflict):
    """What was sent does not go together with what else the record says."""

    code = "does_not_fit"

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__()
        self.errors = errors


def load(model: type[Record], record_id: UUID) -> Record:
    """Raises NotFound."""
    found: Record = _whole(_one(model), record_id)
    return found


def _whole(statement: Select[Any], record_id: UUID) -> Any:
    found = db.session.scalar(statement, {"record_id": record_id})
    if found is None:
        raise NotFound
    return found


def read(model: type[Versioned], record_id: UUID) -> Row[Any]:
    """The same as columns, for what is only looked at.

    Raises NotFound.
    """
    return _as_columns(_columns(model), record_id)


def _as_columns(statement: Select[Any], record_id: UUID) -> Row[Any]:
    found = rows(statement, {"record_id": record_id})
    if not found:
        raise NotFound
    return found[0]


@cache
def _columns(model: type[Versioned]) -> Select[Any]:
    return _one(model).with_only_columns(*model.__table__.columns)


@cache
def _one(model: type[Versioned]) -> Select[Any]:
    """Built once: every page of a record asks."""
    return visible(model).where(model.id == bindparam("record_id"))


@cache
def _one_to_change(model: type[Versioned]) -> Select[Any]:
    # Loaded before it was locked, it may have been changed in between.
    return _one(model).with_for_update().execution_options(populate_existing=True)


def load_to_change(model: type[Record], record_id: UUID) -> Record:
    """As it is now, locked until the end of the request.

    Raises NotFound.
    """
    found: Record = _whole(_one_to_change(model), record_id)
    return found


def read_to_change(model: type[Versioned], record_id: UUID) -> Row[Any]:
    """The same as columns, for what is written past the session (tenants/bulk.py).

    Raises NotFound.
    """
    return _as_columns(_columns_to_change(model), record_id)


@cache
def _columns_to_change(model: type[Versioned]) -> Select[Any]:
    return _columns(model).with_for_update()


def load_discarded(model: type[Record], record_id: UUID) -> Record:
    """What lies in the recycle bin.

    Raises NotFound.
    """
    found = db.session.get(model, record_id)
    if found is None or found.deleted_at is None:
        raise NotFound
    return found


class NumberTaken(Conflict):
    """Another record has the same number by now. Please change that one first."""

    code = "number_taken"


def is_taken(entity: EntityType, values: Values, *, by_other_than: UUID | None = None) -> bool:
    """Whether another record has what no two may share."""
    value = values.get(entity.unique) if entity.unique else None
    if not value:
        return False
    found = rows(_sharing(entity), {"value": value, "own": by_other_than or UUID(int=0)})
    return bool(found)


@cache
def _sharing(entity: EntityType) -> Select[Any]:
    model: Any = entity.model
    shared = getattr(model, entity.unique or "") == bindparam("value")
    return select(model.id).where(shared, model.id != bindparam("own", type_=Uuid), model.deleted_at.is_(None)).limit(1)


def require_free(entity: EntityType, record_id: UUID) -> None:
    """Raises NumberTaken: a record cannot leave the recycle bin beside one that has its number."""
    if _taken_among(entity, [record_id]):
        raise NumberTaken


def free_among(entity: EntityType, ids: Collection[UUID]) -> Sequence[UUID]:
    """Those of these records whose number no other has that is not in the recycle bin."""
    taken = _taken_among(entity, ids)
    return [record_id for record_id in ids if record_id not in taken]


def _taken_among(entity: EntityType, ids: Collection[UUID]) -> set[UUID]:
    if entity.unique is None:
        return set()
    own: Any = entity.model
    other: Any = aliased(own)
    same = getattr(other, entity.unique) == getattr(own, entity.unique)
    shared = exists().where(same, other.id != own.id, other.deleted_at.is_(None))
    return set(db.session.scalars(select(own.id).where(own.id.in_(ids), shared)))


def titles(entity: EntityType, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """What these records are called; those in the recycle bin are left out."""
    return {row.id: row[1] for row in rows(_titles(entity), {"ids": list(ids)})}


@cache
def _titles(entity: EntityType) -> Select[Any]:
    model: Any = entity.model
    wanted = model.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    return select(model.id, getattr(model, entity.title)).where(wanted, model.deleted_at.is_(None))


def titled(ref: EntityRef) -> Row[Any] | None:
    """(title, deleted_at) of one record, which may lie in the recycle bin; None where there is none."""
    entity = entity_types.named(ref.type)
    model: Any = entity.model
    title = getattr(model, entity.title).label("title")
    return db.session.execute(select(title, model.deleted_at).where(model.id == ref.id)).one_or_none()


def title_beside(kind: ColumnElement[str], record_id: ColumnElement[UUID]) -> FromClause:
    """To be joined to a statement that names records of any kind: what each is called (column ``title``). Those in
    the recycle bin have none.
    """
    each = [_title_of(entity, kind, record_id) for entity in entity_types]
    return union_all(*each).lateral()


def any_title_beside(kind: ColumnElement[str], record_id: ColumnElement[UUID]) -> FromClause:
    """The same of records that may lie in the recycle bin (columns ``title``, ``deleted_at``)."""
    models: list[tuple[str, Any, str]] = [(entity.name, entity.model, entity.title) for entity in entity_types]
    each = [
        select(getattr(model, title).label("title"), model.deleted_at).where(kind == name, model.id == record_id)
        for name, model, title in models
    ]
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
