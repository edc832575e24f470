"""Forms: from described fields and what was entered to what the template shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext
from marshmallow import ValidationError

from app.core.fields import Field, FieldKind, FieldSchema

_ASKED, _MEANT = "-asked", "-meant"
"""Behind a field's name: for which typed name it was asked what is meant, and what was chosen then."""

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
    suggest_url: str = ""
    choices: Sequence[str] = ()
    """Known names, one of which may be meant by what was typed."""

    theirs: Theirs | None = None


@dataclass(frozen=True, kw_only=True)
class Section:
    title: str | None
    fields: Sequence[FormField]


@dataclass(frozen=True, kw_only=True)
class Alike:
    """A record that may be what is being entered."""

    id: str
    title: str
    beside: str
    """What tells it from others of the name."""

    url: str


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
    alike: Sequence[Alike] = ()
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
        replace(
            _shown(one, values, errors.get(one.name, ())),
            autofocus=one is first and not errors and not theirs,
            theirs=(theirs or {}).get(one.name),
        )
        for one in described
    ]


def _shown(described: Field, values: Mapping[str, Any], errors: Sequence[str]) -> FormField:
    return FormField(
        name=described.name,
        label=str(described.label),
        kind=described.kind,
        value=str(values.get(described.name) or ""),
        help=str(described.help),
        errors=errors,
        required=described.required,
        options=_options(described),
        maxlength=described.limit,
        suggest_url=url_for(described.suggested_at) if described.suggested_at else "",
        choices=_near(described, values) if errors else (),
    )


def _options(described: Field) -> list[tuple[str, str]]:
    if described.kind is not FieldKind.CHOICE:
        return []
    return [("", gettext("not specified")), *((value, str(label)) for value, label in described.options)]


def read(schema: FieldSchema) -> tuple[dict[str, Any], Errors]:
    """What was sent, checked: the values and, by field, what is wrong with them."""
    try:
        values = _meant(schema, schema.load(request.form.to_dict()))
    except ValidationError as error:
        return request.form.to_dict(), dict(error.messages_dict)
    unclear = [one.name for one in schema.described if _near(one, values) and not _is_chosen(one)]
    if not unclear:
        return values, {}
    text = gettext("There is one of almost this name already. Please choose which is meant.")
    return request.form.to_dict(), {name: [text] for name in unclear}


def _meant(schema: FieldSchema, values: Mapping[str, Any]) -> dict[str, Any]:
    chosen = {one.name: request.form[f"{one.name}{_MEANT}"] for one in schema.described if _is_chosen(one)}
    return {**values, **chosen}


def _is_chosen(described: Field) -> bool:
    """Another name that is typed afterwards is asked for anew."""
    name, form = described.name, request.form
    is_asked = described.near is not None and bool(form.get(f"{name}{_MEANT}"))
    return is_asked and form.get(f"{name}{_ASKED}") == form.get(name)


def _near(described: Field, values: Mapping[str, Any]) -> Sequence[str]:
    typed = values.get(described.name)
    return described.near(typed) if described.near and typed else ()


def summary(refused: bool) -> list[str]:
    """What stands on top of a form that was not accepted."""
    return [gettext("Please check the marked fields.")] if refused else []
