"""Forms: from described fields and what was entered to what the template shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext
from marshmallow import ValidationError

from app.core.fields import Field, FieldKind, FieldSchema

Errors = Mapping[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class Theirs:
    """What somebody else has saved in a place where this form says something else."""

    said: str
    """In words; empty where it was emptied."""

    who: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class FormField:
    name: str
    label: str
    kind: str = "text"
    value: str = ""
    help: str = ""
    errors: Sequence[str] = ()
    required: bool = False
    options: Sequence[tuple[str, str]] = ()
    autocomplete: str = "off"
    inputmode: str = ""
    maxlength: int | None = None
    autofocus: bool = False
    list_options: Sequence[str] = ()
    theirs: Theirs | None = None


@dataclass(frozen=True, kw_only=True)
class Section:
    title: str | None
    fields: Sequence[FormField]


@dataclass(kw_only=True)
class Form:
    title: str
    action_url: str
    submit_label: str
    cancel_url: str | None = None
    crumbs: Sequence[tuple[str, str | None]] = ()
    errors: Sequence[str] = ()
    sections: Sequence[Section] = ()
    points: Any = None
    hidden: Mapping[str, str] = field(default_factory=dict)


def shown(
    described: Sequence[Field],
    values: Mapping[str, Any],
    errors: Errors,
    *,
    theirs: Mapping[str, Theirs] | None = None,
) -> list[FormField]:
    """The described fields with what was entered; under each what was wrong with it, or what contradicts it."""
    first = next((one for one in described if one.kind is not FieldKind.CHOICE), None)
    return [
        FormField(
            name=one.name,
            label=str(one.label),
            kind=one.kind,
            value=str(values.get(one.name) or ""),
            help=str(one.help),
            errors=errors.get(one.name, ()),
            required=one.required,
            options=_options(one),
            maxlength=one.limit,
            autofocus=one is first and not errors and not theirs,
            theirs=(theirs or {}).get(one.name),
        )
        for one in described
    ]


def _options(described: Field) -> list[tuple[str, str]]:
    if described.kind is not FieldKind.CHOICE:
        return []
    return [("", gettext("not specified")), *((value, str(label)) for value, label in described.options)]


def read(schema: FieldSchema) -> tuple[dict[str, Any], Errors]:
    """What was sent, checked: the values and, by field, what is wrong with them."""
    try:
        return schema.load(request.form.to_dict()), {}
    except ValidationError as error:
        return request.form.to_dict(), dict(error.messages_dict)


def summary(refused: bool) -> list[str]:
    """What stands on top of a form that was not accepted."""
    return [gettext("Please look at the marked fields.")] if refused else []
