"""What a program sends: JSON, read strictly. A field that nobody knows is refused, because it is a slip."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import request
from flask_babel import gettext
from marshmallow import RAISE, ValidationError
from werkzeug.exceptions import BadRequest

from app.core.fields import FieldSchema
from app.core.resources import Entered, Resource


def new(resource: Resource) -> Entered:
    """Raises ValidationError."""
    return load(resource.entered, sent())


def changed(resource: Resource, record: Any) -> Entered:
    """What the record is to say: what it says now, and over it what was sent.

    Raises ValidationError.
    """
    return load(resource.changed or resource.entered, {**resource.present(record), **sent()})


def load(schema: type[FieldSchema] | None, data: dict[str, Any]) -> Entered:
    if schema is None:
        return {}
    loaded: Entered = _ready(schema).load(data, unknown=RAISE)
    return loaded


@cache
def _ready(schema: type[FieldSchema]) -> FieldSchema:
    """Made once: it copies all its fields, and keeps nothing of what it reads."""
    return schema()


def sent() -> dict[str, Any]:
    try:
        data = request.get_json()
    except RecursionError as error:
        raise BadRequest from error
    if not isinstance(data, dict):
        raise ValidationError({"": [gettext("This needs to be an object with fields.")]})
    return data
