from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CompoundSelect,
    Row,
    Select,
    String,
    Uuid,
    all_,
    any_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    union,
    union_all,
    update,
)

from app.core import records
from app.core.access import visible
from app.core.entities import EntityType, Part, entity_types
from app.imports.models import Import, ImportChunk, ImportRefusal, ImportState
from app.users.models import User
from tenants import clock
from tenants.changes import Change
from tenants.db import Versioned, db, rows
from tenants.errors import NotFound
from tenants.files import File

PAGE = 50
_OPEN = (ImportState.READING, ImportState.DRAFT)


def import_(import_id: UUID) -> Import:
    """Raises NotFound."""
    return records.load(Import, import_id)


def import_to_change(import_id: UUID) -> Import:
    """Locked until the end of the request; waits for the chunk that is being imported.

    Raises NotFound.
    """
    found = db.session.scalar(visible(Import).where(Import.id == import_id).with_for_update())
    if found is None:
        raise NotFound
    return found


def import_to_read(import_id: UUID) -> Import | None:
    """Locked; None where its list is not wanted any more."""
    wanted = Import.id == import_id, Import.state == ImportState.READING
    found: Import | None = db.session.scalar(select(Import).where(*wanted).with_for_update())
    return found


def imports(*, before: UUID | None) -> Sequence[Row[Any, Any, Any]]:
    """(import, its file's name, name of who began it), newest first; one more than a page if there is one."""
    statement = (
        select(Import, File.name.label("file_name"), User.name.label("author"))
        .join(File, File.id == Import.file_id)
        .outerjoin(User, User.id == Import.author_id)
        .where(Import.deleted_at.is_(None), *([Import.id < before] if before else ()))
        .order_by(Import.id.desc())
        .limit(PAGE + 1)
    )
    return list(db.session.execute(statement))


def name_of(one: Import) -> str:
    """Of its file; empty when the rows were pasted."""
    return db.session.scalars(select(File.name).where(File.id == one.file_id)).one()


def last_alike(entity: str, headings_key: str) -> Import | None:
    """The last list with the same headings for which somebody has chosen."""
    return db.session.scalar(
        visible(Import)
        .where(Import.entity == entity, Import.headings_key == headings_key)
        .where(Import.state.in_((ImportState.RUNNING, ImportState.DONE)))
        .order_by(Import.id.desc())
        .limit(1)
    )


def refusals(import_id: UUID, *, after: int) -> Sequence[ImportRefusal]:
    """By row; one more than a page where there is one."""
    return db.session.scalars(
        select(ImportRefusal)
        .where(ImportRefusal.import_id == import_id, ImportRefusal.line > after)
        .order_by(ImportRefusal.line)
        .limit(PAGE + 1)
    ).all()


def all_refusals(import_id: UUID) -> Iterator[tuple[list[list[str]], list[str]]]:
    """(reasons, cells) of every refused row, fetched a thousand at a time."""
    found = db.session.execute(
        select(ImportRefusal.reasons, ImportRefusal.cells)
        .where(ImportRefusal.import_id == import_id)
        .order_by(ImportRefusal.line)
        .execution_options(yield_per=1000)
    )
    yield from found


_SKEW = timedelta(minutes=10)
"""By so much the clocks of two machines may differ."""

_TOUCHED = text(
    "SELECT DISTINCT t.id FROM import_chunks c CROSS JOIN LATERAL unnest(c.record_ids) AS t (id) "
    "JOIN unnest(CAST(:ids AS uuid[])) AS wanted (id) ON wanted.id = t.id WHERE c.import_id = :import_id"
)


def touched(entity: EntityType, one: Import, ids: Collection[UUID]) -> Collection[UUID]:
    """Of these records, those that an earlier chunk of the same import was about.

    Every chunk asks. What the chunks before it remember grows with the import, so it is read only for records that
    have changed since the list came.
    """
    model: Any = entity.model
    changed = model.updated_at >= one.created_at - _SKEW
    lately = db.session.scalars(select(model.id).where(model.id.in_(ids), changed)).all() if ids else ()
    return {row.id for row in rows(_TOUCHED, {"import_id": one.id, "ids": list(lately)})} if lately else ()


def came_along(entity: EntityType, *, since: UUID, cause: str) -> Sequence[Row[Any]]:
    """``kind`` and ``id`` of records of other kinds that the journal knows were added by this cause.

    Ids sort by time, so only what is younger than ``since`` is looked at.
    """
    db.session.flush()
    return rows(_came_along(entity), {"since": since, "cause": cause})


@cache
def _came_along(entity: EntityType) -> CompoundSelect[Any]:
    return union_all(*(_added(other) for other in entity_types if other is not entity))


def _added(kind: EntityType) -> Select[Any, Any]:
    model = kind.model
    recorded = exists().where(Change.record_id == model.id, Change.op == "I", Change.cause == bindparam("cause"))
    return select(literal(kind.name).label("kind"), model.id).where(
        model.id >= bindparam("since", type_=Uuid), recorded
    )


def to_forget(*, before: datetime) -> Sequence[Import]:
    """Imports that were over, or left lying as drafts, by then and whose lists are still kept; at most a hundred."""
    over = or_(Import.finished_at < before, Import.state.in_(_OPEN) & (Import.updated_at < before))
    kept = select(Import).where(Import.forgotten_at.is_(None), over)
    return db.session.scalars(kept.order_by(Import.id).limit(100).with_for_update(skip_locked=True)).all()


def next_chunk_to_undo(import_id: UUID) -> ImportChunk | None:
    """The last one first."""
    wanted = select(ImportChunk).where(ImportChunk.import_id == import_id, ImportChunk.undone_at.is_(None))
    found: ImportChunk | None = db.session.scalar(wanted.order_by(ImportChunk.id.desc()).limit(1))
    return found


_TOLD = select(ImportChunk.cause, ImportChunk.undo_cause, ImportChunk.spared).where(
    ImportChunk.import_id == bindparam("import_id")
)


def told_of_chunks(import_id: UUID) -> Sequence[Row[Any]]:
    """Causes and what was spared, without the ids of a million records."""
    return rows(_TOLD, {"import_id": import_id})


def left_alone(import_id: UUID, *, most: int) -> Sequence[tuple[str, UUID]]:
    """(kind, id) of records that an undone import left as they are."""
    found = rows(_LEFT, {"import_id": import_id, "most": most})
    return [(row.kind, UUID(row.id)) for row in found]


_LEFT = text(
    "SELECT ref ->> 0 AS kind, ref ->> 1 AS id FROM import_chunks c CROSS JOIN LATERAL "
    "jsonb_array_elements(c.left_alone) ref WHERE c.import_id = :import_id ORDER BY c.id LIMIT :most"
)


def moment_of(import_id: UUID, cause: str) -> datetime:
    """When the journal recorded that this chunk was in: after everything that it changed."""
    recorded = select(func.max(Change.at)).where(Change.record_id == import_id, Change.cause == cause)
    return db.session.scalars(recorded).one()


def changed_since(
    entity: EntityType, ids: Collection[UUID], *, ours: Collection[str], after: datetime | None = None
) -> set[UUID]:
    """Of these records, those that something else than these causes has changed, in themselves or in a part."""
    others = or_(Change.cause.is_(None), Change.cause != all_(bindparam("ours", type_=ARRAY(String))))
    foreign = [others, *([Change.at > after] if after is not None else [])]
    wanted = any_(bindparam("ids", type_=ARRAY(Uuid)))
    found = [select(Change.record_id).where(Change.record_id == wanted, *foreign)]
    for part in _parts(entity):
        owner = getattr(part.model, part.owner)
        found.append(select(owner).join(Change, Change.record_id == part.model.id).where(owner == wanted, *foreign))
    return {row[0] for row in rows(union(*found), {"ids": list(ids), "ours": list(ours)})}


def spoken_of(entity: EntityType, ids: Collection[UUID]) -> set[UUID]:
    """Of these records, those about which people have entered something: notes, tasks, complaints."""
    wanted = any_(bindparam("ids", type_=ARRAY(Uuid)))
    about = [column for extension in entity_types.extensions(entity) for column in extension.about]
    found = [select(column).where(column == wanted) for column in about]
    return {row[0] for row in rows(union(*found), {"ids": list(ids)})} if found else set()


def remove_parts(entity: EntityType, ids: Collection[UUID], *, cause: str) -> None:
    """Take away what this cause has added to these records, as an employer."""
    for part in _parts(entity):
        model: Any = part.model
        # What was taken away once and came back by an import is a changed row.
        came = or_(Change.op == "I", Change.old["deleted_at"].astext.is_not(None))
        added = exists().where(Change.record_id == model.id, came, Change.cause == cause)
        mine = getattr(model, part.owner).in_(ids), model.deleted_at.is_(None), added
        counted = {"version": model.version + 1} if issubclass(model, Versioned) else {}
        gone = update(model).where(*mine).values(deleted_at=clock.now(), **counted)
        db.session.execute(gone.execution_options(synchronize_session=False))


def _parts(entity: EntityType) -> Sequence[Part]:
    return [part for extension in entity_types.extensions(entity) for part in extension.parts]
