from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from marshmallow import fields

from app.core import records
from app.core.entities import EntityType
from app.core.fields import schema_class
from app.core.resources import Bond, Entered, Reading, RecordSchema, Resource, texts
from app.tags import actions, queries
from app.tags.actions import TagNameTaken
from app.tags.models import Tag
from app.tags.schemas import NAME


class TagSchema(RecordSchema):
    name = fields.String()


def _create(entered: Entered) -> UUID:
    return actions.find_or_add(entered["name"]).id


def _change(tag: Tag, entered: Entered) -> None:
    """Raises TagNameTaken: to make one tag of two is for people."""
    other = queries.named(entered["name"])
    if other is not None and other.id != tag.id:
        raise TagNameTaken
    tag.rename(entered["name"])


def _hanging(record_id: UUID) -> list[UUID]:
    return [row.id for row in queries.beside(record_id) if row.carried]


def _put(entity: EntityType, record_id: UUID, tag_id: UUID) -> None:
    actions.add(queries.tag(tag_id), entity, [record_id])


def _take(_entity: EntityType, record_id: UUID, tag_id: UUID) -> None:
    actions.remove(queries.tag(tag_id), [record_id])


RESOURCE = Resource(
    name="tags",
    one="Tag",
    label=_l("Tags"),
    model=Tag,
    permission="tags",
    shown=TagSchema,
    read=Reading(Tag, Tag.name),
    entered=schema_class("TagEntry", (NAME,)),
    create=_create,
    changed=schema_class("TagChange", (NAME,)),
    present=lambda tag: texts(tag, ("name",)),
    change=_change,
    delete=records.discard,
    example={"name": "Messe 2026"},
)

BOND = Bond(resource=RESOURCE, hanging=_hanging, put=_put, take=_take)
