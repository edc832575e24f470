from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    and_,
    any_,
    bindparam,
    exists,
    func,
    select,
)

from app.core import keys, records
from app.core.access import visible
from app.tags.models import Tag, Tagging, key_of
from tenants import cache
from tenants.db import db, rows
from tenants.errors import NotFound

MOST = 200
"""Tags of one firm."""

_KNOWN_NAME = "tags.known"


def tag(tag_id: UUID) -> Tag:
    """Raises NotFound."""
    return records.load(Tag, tag_id)


def tag_to_change(tag_id: UUID) -> Tag:
    """Locked until the end of the request.

    Raises NotFound.
    """
    return records.load_to_change(Tag, tag_id)


def any_tag(tag_id: UUID) -> Tag:
    """A deleted one too.

    Raises NotFound.
    """
    found = db.session.get(Tag, tag_id)
    if found is None:
        raise NotFound
    return found


def named(name: str) -> Tag | None:
    """However it is spelt in capitals."""
    found: Tag | None = db.session.scalar(visible(Tag).where(Tag.name_key == key_of(name)))
    return found


def all_named(keys: Collection[str]) -> Sequence[Row[Any]]:
    """(id, name) of the tags of these keys."""
    return rows(_NAMED, {"keys": list(keys)})


_NAMED = select(Tag.id, Tag.name).where(
    Tag.name_key == any_(bindparam("keys", type_=ARRAY(String))), Tag.deleted_at.is_(None)
)

# Built once: every list and every page of a record asks.
_KNOWN = select(Tag.id, Tag.name).where(Tag.deleted_at.is_(None)).limit(bindparam("limit", type_=Integer))
_CARRIES = and_(Tagging.tag_id == Tag.id, Tagging.deleted_at.is_(None))
_BESIDE: Select[Any, Any, Any] = select(Tag.id, Tag.name, Tagging.id.is_not(None).label("carried")).outerjoin(
    Tagging, and_(_CARRIES, Tagging.record_id == bindparam("record_id"))
)
_BESIDE = _BESIDE.where(Tag.deleted_at.is_(None)).limit(bindparam("limit", type_=Integer))
_COUNTED = (
    select(Tag.id, Tag.name, Tag.version, func.count(Tagging.id).label("records"))
    .outerjoin(Tagging, _CARRIES)
    .where(Tag.deleted_at.is_(None))
    .group_by(Tag.id)
    .limit(bindparam("limit", type_=Integer))
)


def known() -> Sequence[tuple[str, str]]:
    """(id, name) of all tags, by name."""
    return cache.remember_together(_KNOWN_NAME, _known, for_=timedelta(minutes=1))


def forget_known() -> None:
    """A tag came, went or is called otherwise."""
    cache.forget_together()


def _known() -> Sequence[tuple[str, str]]:
    return [(str(row.id), row.name) for row in _by_name(rows(_KNOWN, {"limit": MOST}))]


def names() -> Sequence[str]:
    return [name for _, name in known()]


def beside(record_id: UUID) -> Sequence[Row[Any]]:
    """(id, name, whether the record carries it) of all tags, by name."""
    return _by_name(rows(_BESIDE, {"record_id": record_id, "limit": MOST}))


def counted() -> Sequence[Row[Any]]:
    """(id, name, version, records that carry it) of all tags, by name."""
    return _by_name(rows(_COUNTED, {"limit": MOST}))


def carried_by(model: Any, tag_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether a listed record carries the tag; one that has been deleted narrows to nothing."""
    return exists().where(
        Tagging.record_id == model.id,
        Tagging.tag_id == tag_id,
        Tagging.deleted_at.is_(None),
        Tag.id == Tagging.tag_id,
        Tag.deleted_at.is_(None),
    )


def carried_of(model: Any) -> Select[Any]:
    """The tags that a listed record carries."""
    carried = select(Tagging.tag_id).join(Tag, Tag.id == Tagging.tag_id)
    return carried.where(Tagging.record_id == model.id, Tagging.deleted_at.is_(None), Tag.deleted_at.is_(None))


def tag_name() -> ColumnElement[str]:
    """For the history: the tag of a tagging, as it is called now."""
    return select(Tag.name).where(Tag.id == Tagging.tag_id).scalar_subquery()


def _by_name(found: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    return sorted(found, key=lambda row: (keys.plain(row.name), row.name))
