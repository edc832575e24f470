from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.activities import actions, capturing
from app.activities.models import Activity, ActivityKind, Link
from app.activities.schemas import BODY, HAPPENED, WHEN, in_our_times
from app.core import records, references
from app.core.entities import EntityRef, Filter, entity_types
from app.core.fields import schema_class
from app.core.moments import YEARS_PATTERN
from app.core.resources import Entered, Reading, RecordSchema, Resource, any_value, in_only, same
from tenants.db import db

KINDS = tuple(str(kind) for kind, _, _ in HAPPENED)
MOST_NAMED = 20
"""Records that one entry can be put on at once."""


class RefSchema(Schema):
    class Meta:
        unknown = RAISE

    type = fields.String(required=True, metadata={"example": "contact", "kinds_of_record": True})
    id = fields.UUID(required=True)

    @validates("type")
    def _known(self, value: str, **_options: Any) -> None:
        if value not in {entity.name for entity in entity_types}:
            raise ValidationError(gettext("There are no such records."))


class ActivitySchema(RecordSchema):
    kind = fields.String(validate=validate.OneOf([str(kind) for kind in ActivityKind]))
    text = fields.String()
    when = fields.DateTime()
    author_id = fields.UUID(allow_none=True)
    about = fields.List(fields.Nested(RefSchema), metadata={"description": _l("The records that it is on.")})


def about_column() -> Any:
    """The records that an activity is on, as one column."""
    named = func.json_build_object("type", Link.kind, "id", Link.record_id)
    listed = func.json_agg(aggregate_order_by(named, Link.id))
    own = select(func.coalesce(listed, func.json_build_array())).where(Link.activity_id == Activity.id)
    return own.correlate(Activity).scalar_subquery().label("about")


def on_record(_model: Any, record_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    return exists().where(Link.activity_id == Activity.id, Link.record_id == record_id)


ABOUT = Filter(name="about", label=_l("Record"), choices=any_value, parse=UUID, where=on_record)


def refs(sent: Sequence[Mapping[str, Any]]) -> list[EntityRef]:
    """Raises ValidationError."""
    found = [EntityRef(one["type"], one["id"]) for one in sent]
    for ref in found:
        references.check("about", ref.id, entity_types.named(ref.type))
    return found


def _create(entered: Entered) -> UUID:
    first, *others = refs(entered["about"])
    at = capturing.moment(entered["when"])
    activity_id = actions.record(ActivityKind(entered["kind"]), body=entered["text"], about=first, at=at)
    activity = db.session.get_one(Activity, activity_id)
    for ref in others:
        actions.attach(activity, to=ref)
    return activity_id


_ONLY = {"kind": tuple(kind for kind in ActivityKind if kind is not ActivityKind.TASK)}

RESOURCE = Resource(
    name="activities",
    one="Activity",
    label=_l("Activities"),
    model=Activity,
    permission="activities",
    shown=ActivitySchema,
    read=Reading(
        Activity,
        Activity.kind,
        Activity.body.label("text"),
        Activity.at.label("when"),
        Activity.author_id,
        about_column(),
        where=in_only(Activity, _ONLY),
    ),
    filters=(
        Filter(
            name="kind",
            label=_l("Kind"),
            options=tuple((str(kind), label) for kind, label, _ in HAPPENED),
            where=lambda _model, chosen: Activity.kind == ActivityKind(chosen),
        ),
        ABOUT,
        Filter(name="author_id", label=_l("By whom"), choices=any_value, parse=UUID, where=same(Activity.author_id)),
    ),
    only=_ONLY,
    entered=schema_class(
        "ActivityEntry",
        (BODY, WHEN),
        rule=in_our_times,
        shape={"properties": {"when": {"pattern": YEARS_PATTERN}}},
        beside={
            "kind": fields.String(required=True, validate=validate.OneOf(KINDS)),
            "about": fields.List(
                fields.Nested(RefSchema), required=True, validate=validate.Length(min=1, max=MOST_NAMED)
            ),
        },
    ),
    create=_create,
    changed=schema_class("ActivityChange", (BODY,)),
    present=lambda activity: {"text": activity.body},
    change=lambda activity, entered: actions.rewrite(activity, body=entered["text"]),
    delete=records.discard,
    example={
        "kind": "call",
        "text": "Wants an offer by Friday.",
        "about": [{"type": "contact", "id": "01a2094e-0be7-7250-b21e-bbb4c640b375"}],
    },
)
