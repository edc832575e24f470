from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core import records
from app.core.entities import EntityType
from app.tags import queries
from app.tags.models import Tag, Tagging, key_of
from tenants import clock
from tenants.db import db, new_id
from tenants.errors import Conflict

_AT_ONCE = 1000


class TooManyTags(Conflict):
    """There are as many tags as a firm can have. Please merge or delete some first."""

    code = "too_many_tags"


class TagNameTaken(Conflict):
    """There is another tag of this name by now. Please rename that one first."""

    code = "tag_name_taken"


def find_or_add(name: str) -> Tag:
    """The tag of this name, however it is spelt in capitals. Two people who add it at once get the same one.

    Raises TooManyTags.
    """
    found = queries.named(name)
    if found is not None:
        return found
    if (db.session.scalar(select(func.count()).where(Tag.deleted_at.is_(None))) or 0) >= queries.MOST:
        raise TooManyTags
    new = {"id": new_id(), "name": name, "name_key": key_of(name)}
    statement = insert(Tag).values(new)
    statement = statement.on_conflict_do_nothing(index_elements=[Tag.name_key], index_where=Tag.deleted_at.is_(None))
    db.session.execute(statement)
    queries.forget_known()
    added = queries.named(name)
    if added is None:
        raise TagNameTaken
    return added


def add(tag: Tag, entity: EntityType, ids: Sequence[UUID]) -> list[UUID]:
    """Let these records carry a tag; answers which of them did not before."""
    return _carry(tag, [(entity.name, record_id) for record_id in ids], merged_from=None)


def put_on(kind: str, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Let records of a kind carry tags, each pair (tag, record) once; in one statement for all."""
    tag_ids, record_ids = [tag_id for tag_id, _ in pairs], [record_id for _, record_id in pairs]
    columns = {"id": [new_id() for _ in pairs], "tag_id": tag_ids, "record_id": record_ids}
    arrays = [func.unnest(cast(values, ARRAY(Uuid))).label(name) for name, values in columns.items()]
    new = select(*arrays, literal(kind).label("kind"), literal(clock.now()).label("created_at"))
    statement = insert(Tagging).from_select([*columns, "kind", "created_at"], new, include_defaults=False)
    again = {"deleted_at": None, "merged_from_id": None}
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=[Tagging.tag_id, Tagging.record_id], set_=again, where=Tagging.deleted_at.is_not(None)
        )
    )


def remove(tag: Tag, ids: Sequence[UUID]) -> list[UUID]:
    """Take a tag from these records; answers which of them carried it."""
    carried = (Tagging.tag_id == tag.id) & Tagging.record_id.in_(ids) & Tagging.deleted_at.is_(None)
    taken = update(Tagging).where(carried).values(deleted_at=clock.now()).returning(Tagging.record_id)
    return list(db.session.scalars(taken.execution_options(synchronize_session=False)))


def rename(tag: Tag, name: str) -> Tag:
    """Answers the tag of that name: another one where there is one already, with which it is merged then."""
    other = queries.named(name)
    if other is None or other.id == tag.id:
        tag.rename(name)
        queries.forget_known()
        return tag
    merge(tag, into=other)
    return other


def merge(tag: Tag, *, into: Tag) -> None:
    """What carries one tag carries the other instead. The old taggings stay, so that it can be undone."""
    carried = select(Tagging.kind, Tagging.record_id).where(Tagging.tag_id == tag.id, Tagging.deleted_at.is_(None))
    found = [(kind, record_id) for kind, record_id in db.session.execute(carried)]
    for at in range(0, len(found), _AT_ONCE):
        _carry(into, found[at : at + _AT_ONCE], merged_from=tag.id)
    tag.merged_into_id = into.id
    delete(tag)


def delete(tag: Tag) -> None:
    """Into the recycle bin, from where it can be taken back."""
    records.discard(tag)
    queries.forget_known()


def take_back(tag: Tag) -> None:
    """A deleted or merged tag is there again, on the records that carried it; where it was merged, the other
    stays only with those that carried it before.

    Raises TagNameTaken.
    """
    if tag.deleted_at is None:
        return
    if queries.named(tag.name) is not None:
        raise TagNameTaken
    if tag.merged_into_id is not None:
        taken = (Tagging.merged_from_id == tag.id) & Tagging.deleted_at.is_(None)
        undone = update(Tagging).where(taken, Tagging.tag_id == tag.merged_into_id).values(deleted_at=clock.now())
        db.session.execute(undone.execution_options(synchronize_session=False))
    tag.merged_into_id = tag.deleted_at = None
    queries.forget_known()


def _carry(tag: Tag, carriers: Sequence[tuple[str, UUID]], *, merged_from: UUID | None) -> list[UUID]:
    if not carriers:
        return []
    taken_from = {"deleted_at": None, "merged_from_id": merged_from}
    new = [{"id": new_id(), "tag_id": tag.id, "kind": k, "record_id": r, **taken_from} for k, r in carriers]
    statement = insert(Tagging).values(new)
    statement = statement.on_conflict_do_update(
        index_elements=[Tagging.tag_id, Tagging.record_id], set_=taken_from, where=Tagging.deleted_at.is_not(None)
    )
    return list(db.session.scalars(statement.returning(Tagging.record_id)))
