"""Tags on many records at once. What is kept of the tag that was typed is its id."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.core.entities import EntityType
from app.core.fields import clean
from app.tags import actions, queries
from app.tags.models import Tag
from app.tags.schemas import NAME
from tenants.errors import Invalid


class TagMissing(Invalid):
    """Please type the name of a tag."""

    code = "tag_missing"


class NoSuchTag(Invalid):
    """There is no tag of this name."""

    code = "no_such_tag"


def tag_to_add(typed: str) -> str:
    """Raises TagMissing, TooManyTags."""
    return str(actions.find_or_add(_name(typed)).id)


def tag_to_remove(typed: str) -> str:
    """Raises TagMissing, NoSuchTag."""
    tag = queries.named(_name(typed))
    if tag is None:
        raise NoSuchTag
    return str(tag.id)


def add(entity: EntityType, ids: Sequence[UUID], tag_id: str) -> Sequence[UUID]:
    return actions.add(_tag(tag_id), entity, ids)


def remove(_entity: EntityType, ids: Sequence[UUID], tag_id: str) -> Sequence[UUID]:
    return actions.remove(_tag(tag_id), ids)


def take_off_again(_entity: EntityType, ids: Sequence[UUID], tag_id: str) -> None:
    actions.remove(_tag(tag_id), ids)


def put_on_again(entity: EntityType, ids: Sequence[UUID], tag_id: str) -> None:
    actions.add(_tag(tag_id), entity, ids)


def _tag(tag_id: str) -> Tag:
    """Also one that somebody has deleted meanwhile: taken back, it is on these records too."""
    return queries.any_tag(UUID(tag_id))


def _name(typed: str) -> str:
    name = clean(typed)[: NAME.limit]
    if not name:
        raise TagMissing
    return name
