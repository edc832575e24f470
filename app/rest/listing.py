"""Lists for programs: the lists of the pages where there are such, otherwise records in the order of their making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, URLSafeSerializer
from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import Integer, Row, Select, Uuid, bindparam

from app.core import listing
from app.core.entities import EntityType, Filter
from app.core.listing import Query
from app.core.resources import Resource
from config.settings import settings
from tenants.db import rows

LARGEST_PAGE = 200
_CREATED, _LATEST = "created", "-created"
_Rows = Sequence[Row[Any]]


def asked_schema(resource: Resource) -> type[Schema]:
    """Of the query of a list's address."""
    sorts = listing.SORTS if resource.entity else (_CREATED, _LATEST)
    own: dict[str, fields.Field[Any]] = {
        "sort": fields.String(load_default=sorts[0], validate=validate.OneOf(sorts)),
        "page_size": fields.Integer(load_default=50, validate=validate.Range(min=1, max=LARGEST_PAGE)),
        "cursor": fields.String(load_default=None, metadata={"description": _l("From the page before, as it is.")}),
    }
    if resource.entity:
        own["q"] = fields.String(load_default="", validate=validate.Length(max=100))
    chosen = {one.name: _chosen(one) for one in resource.filters}
    return type(f"{resource.one}Query", (Schema,), {**own, **chosen})


def _chosen(described: Filter) -> fields.Field[Any]:
    metadata = {"description": described.label}
    if described.choices is None:
        allowed = validate.OneOf([str(value) for value, _ in described.options])
        return fields.String(validate=allowed, metadata=metadata)
    if described.parse is UUID:
        return fields.UUID(metadata=metadata)
    return fields.String(validate=lambda written: _parsed(described, written), metadata=metadata)


def _parsed(described: Filter, written: str) -> None:
    try:
        described.parse(written)
    except ValueError as error:
        raise ValidationError(gettext("This cannot be filtered by.")) from error


def page(resource: Resource, asked: Mapping[str, Any]) -> tuple[Sequence[str], str | None]:
    """(records as JSON in their order, cursor of the next page); one statement.

    Raises ValidationError for a cursor that is not of this list.
    """
    cursor = _read(resource, asked)
    if resource.entity is not None:
        found, following = _of_entity(resource.entity, resource, asked, cursor)
    else:
        found, following = _in_order(resource, asked, cursor)
    return [row.told for row in found], _written(resource, asked, following) if following else None


def _of_entity(
    entity: EntityType, resource: Resource, asked: Mapping[str, Any], cursor: str | None
) -> tuple[_Rows, str | None]:
    filters = {one.name: str(asked[one.name]) for one in resource.filters if one.name in asked}
    words = asked["q"].replace("\0", "")
    query = Query(words=words, sort=asked["sort"], filters=filters, after=cursor, guesses=False)
    found = listing.find(entity, query, limit=asked["page_size"], of=resource.read.of)
    return found.rows, found.next


def _in_order(resource: Resource, asked: Mapping[str, Any], cursor: str | None) -> tuple[_Rows, str | None]:
    chosen = [one for one in resource.filters if one.name in asked]
    named = tuple((one.name, asked[one.name] if one.choices is None else None) for one in chosen)
    values = {one.name: one.parse(str(asked[one.name])) for one in chosen if one.choices is not None}
    statement = _statement(resource, named, asked["sort"], cursor is not None)
    limit = asked["page_size"]
    found = rows(statement, {**values, "from_id": UUID(cursor) if cursor else None, "limit": limit + 1})
    shown = found[:limit]
    return shown, str(shown[-1].id) if len(found) > limit else None


@cache
def _statement(resource: Resource, chosen: tuple[tuple[str, str | None], ...], sort: str, goes_on: bool) -> Select[Any]:
    model: Any = resource.model
    filters = {one.name: one for one in resource.filters}
    listed = resource.read.listed().where(
        *(filters[name].where(model, option or bindparam(name)) for name, option in chosen)
    )
    if resource.where is not None:
        listed = listed.where(resource.where)
    here = bindparam("from_id", type_=Uuid)
    upwards = sort == _CREATED
    if goes_on:
        listed = listed.where(model.id > here if upwards else model.id < here)
    return listed.order_by(model.id if upwards else model.id.desc()).limit(bindparam("limit", type_=Integer))


@cache
def signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().signing_keys, salt="api cursor")


def _written(resource: Resource, asked: Mapping[str, Any], place: str) -> str:
    return str(signer().dumps([resource.name, asked["sort"], place]))


def _read(resource: Resource, asked: Mapping[str, Any]) -> str | None:
    if not asked["cursor"]:
        return None
    return opened(asked["cursor"], of=[resource.name, asked["sort"]])


def opened(cursor: str, *, of: Sequence[str]) -> str:
    """What a cursor of this list points to.

    Raises ValidationError.
    """
    try:
        *owner, place = signer().loads(cursor)
    except (BadSignature, ValueError, TypeError) as error:
        raise _foreign() from error
    if owner != list(of):
        raise _foreign()
    return str(place)


def _foreign() -> ValidationError:
    return ValidationError({"cursor": [gettext("This cursor is not of this list in this order.")]})
