"""What programs read and change of records that people can be reached through: their own fields and their points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.contactpoints import forms, queries
from app.contactpoints.drafts import Draft
from app.contactpoints.models import ContactPoint, PointKind, PointLabel
from app.core import records
from app.core.entities import EntityType, NewRecord, entity_types, new_record, write_beside
from app.core.fields import WRITTEN, Values, clean, schema_class
from app.core.resources import Entered, Reading, RecordSchema, Resource
from tenants.db import Versioned

_CELLS = ("value", "street", "postal_code", "city", "country")


def _said(kind: PointKind, **value: Mapping[str, Any]) -> dict[str, Any]:
    return {"required": ["kind", *value], "properties": {"kind": {"const": kind.value}, **value}}


class PointSchema(Schema):
    shape: ClassVar[Mapping[str, Any]] = {
        "anyOf": [
            _said(PointKind.EMAIL, value={"type": "string", "format": "email"}),
            _said(PointKind.PHONE, value={"type": "string", "pattern": "[1-9]"}),
            _said(PointKind.WEB, value=WRITTEN),
            *(_said(PointKind.ADDRESS, **{name: WRITTEN}) for name in ("value", "street", "postal_code", "city")),
        ]
    }
    """As ``_drafts`` judges it: which of them says something depends on the kind."""

    class Meta:
        unknown = RAISE

    id = fields.UUID(load_default=None, metadata={"description": _l("Of a point that exists; without it, it is new.")})
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in PointKind]))
    label = fields.String(load_default="work", validate=validate.OneOf([label.value for label in PointLabel]))
    value = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=200))
    street = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=200))
    postal_code = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=20))
    city = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=200))
    country = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=60))


class ShownPointSchema(Schema):
    """As it is answered: an address has all of it in its value, however long that is."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in PointKind]))
    label = fields.String(required=True, validate=validate.OneOf([label.value for label in PointLabel]))
    value = fields.String(required=True)
    street = fields.String(allow_none=True)
    postal_code = fields.String(allow_none=True)
    city = fields.String(allow_none=True)
    country = fields.String(allow_none=True)


@dataclass(frozen=True, kw_only=True)
class Reachable:
    """Makes the resource of such records; what is added or changed, the feature's own actions do."""

    entity: EntityType
    one: str
    shape: Mapping[str, Any] | None = None
    """The entity's rule as JSON Schema says it."""

    add: Callable[[NewRecord, Sequence[Draft]], UUID]
    edit: Callable[[UUID, Values, Sequence[tuple[UUID | None, Draft]]], None]

    def resource(self, *, example: Mapping[str, Any]) -> Resource:
        model: Any = self.entity.model
        own, rule = self.entity.fields, self.entity.rule
        names = [described.name for described in own]
        columns = {name: fields.String(allow_none=True) for name in names}
        title = {self.entity.title: fields.String()} if self.entity.title not in names else {}
        points = {"points": fields.List(fields.Nested(ShownPointSchema))}
        sent = {"points": fields.List(fields.Nested(PointSchema), load_default=None, validate=_few)}
        return Resource(
            name=self.entity.permission,
            one=self.one,
            label=self.entity.plural,
            model=model,
            permission=self.entity.permission,
            entity=self.entity,
            shown=type(self.one, (RecordSchema,), {**title, **columns, **points}),
            read=Reading(model, *(getattr(model, name) for name in (*title, *names)), _points(self.entity)),
            entered=schema_class(f"{self.one}Entry", own, rule=rule, shape=self.shape, beside=sent),
            create=self._create,
            changed=schema_class(f"{self.one}Change", own, rule=rule, beside=sent),
            present=lambda record: {name: getattr(record, name) or None for name in names},
            change=self._change,
            delete=records.discard,
            example=example,
        )

    def _create(self, entered: Entered) -> UUID:
        drafts = [draft for _, draft in _drafts(entered["points"] or ())]
        for extension in entity_types.extensions(self.entity):
            extension.admit(entered)
        record_id = self.add(new_record(self.entity, entered), drafts)
        write_beside(self.entity, [(record_id, entered)])
        return record_id

    def _change(self, record: Versioned, entered: Entered) -> None:
        self.edit(record.id, entered, self._wanted(record.id, entered["points"]))
        for extension in entity_types.extensions(self.entity):
            extension.changed(record.id)

    def _wanted(self, record_id: UUID, sent: Sequence[Mapping[str, Any]] | None) -> list[tuple[UUID | None, Draft]]:
        if sent is None:
            return forms.drafts(forms.of_points(queries.shown_points(self.entity.name, record_id)))
        return _drafts(sent)


def _few(points: Sequence[object]) -> None:
    if len(points) > forms.MOST:
        raise ValidationError(gettext("At most %(most)d fit.", most=forms.MOST))


def _drafts(sent: Sequence[Mapping[str, Any]]) -> list[tuple[UUID | None, Draft]]:
    """Raises ValidationError, by the same rules as the form."""
    rows = [_row(index, point) for index, point in enumerate(sent)]
    wrong = {row.index: {"value": list(row.errors)} for row in forms.checked(rows) if row.errors}
    empty = {row.index: {"value": [gettext("Please fill this in.")]} for row in rows if row.is_empty()}
    if wrong or empty:
        raise ValidationError({"points": {**empty, **wrong}})
    return forms.drafts(rows)


def _row(index: int, point: Mapping[str, Any]) -> forms.Row:
    cells = {name: clean(point[name] or "") for name in _CELLS}
    own = str(point["id"]) if point["id"] else ""
    return replace(forms.Row(index=index, id=own, kind=point["kind"], label=point["label"]), **cells)  # type: ignore[arg-type]


def _points(entity: EntityType) -> Any:
    """All points of a record as one column, so that a page of records is one statement."""
    names = ("id", "kind", "label", *_CELLS)
    told = func.json_build_object(*(part for name in names for part in (name, getattr(ContactPoint, name))))
    model: Any = entity.model
    listed = func.json_agg(aggregate_order_by(told, ContactPoint.position, ContactPoint.id))
    own = select(func.coalesce(listed, func.json_build_array()))
    return (
        own.where(queries.OWNERS[entity.name] == model.id, ContactPoint.deleted_at.is_(None))
        .correlate(model)
        .scalar_subquery()
        .label("points")
    )
