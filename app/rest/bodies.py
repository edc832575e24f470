"""What a program sends: JSON, read strictly. A field that nobody knows is refused, because it is a slip."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask import request
from flask_babel import gettext
from marshmallow import RAISE, ValidationError
from werkzeug.exceptions import BadRequest

from app.core.fields import FieldSchema, problems_as_sent
from app.core.records import DoesNotFit
from app.core.resources import Entered, Resource


def new(resource: Resource) -> Entered:
    """Raises ValidationError."""
    return load(resource.entered, sent())


def changed(resource: Resource, record: Any) -> Entered:
    """What the record is to say: what it says now, and over it what was sent.

    Raises ValidationError; DoesNotFit where each field is right, and what was not sent stands against it.
    """
    schema = resource.changed or resource.entered
    if schema is None:
        return {}
    written = sent()
    _refuse_as_sent(schema, written)
    loaded: Entered = _without_rule(schema).load({**resource.present(record), **written}, unknown=RAISE)
    if schema.rule is not None and (found := schema.rule(loaded)):
        raise DoesNotFit(found)
    return loaded


def load(schema: type[FieldSchema] | None, data: dict[str, Any]) -> Entered:
    if schema is None:
        return {}
    _refuse_as_sent(schema, data)
    loaded: Entered = _ready(schema).load(data, unknown=RAISE)
    return loaded


def _refuse_as_sent(schema: type[FieldSchema], data: Mapping[str, Any]) -> None:
    if found := problems_as_sent(schema.described, data):
        raise ValidationError(found)


@cache
def _ready(schema: type[FieldSchema]) -> FieldSchema:
    """Made once: it copies all its fields, and keeps nothing of what it reads."""
    return schema()


@cache
def _without_rule(schema: type[FieldSchema]) -> FieldSchema:
    made: FieldSchema = type(schema.__name__, (schema,), {"rule": None})()
    return made


def sent() -> dict[str, Any]:
    try:
        data = request.get_json()
    except RecursionError as error:
        raise BadRequest from error
    if not isinstance(data, dict):
        raise ValidationError({"": [gettext("This needs to be an object with fields.")]})
    return data
