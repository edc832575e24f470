"""A field of a record, described once; forms, imports and interfaces read the rules from here."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validates_schema

from tenants.identities import MalformedEmail, normal_email

Text = str | LazyString
"""A text for people: translated when it is shown."""


Values = Mapping[str, str | None]
"""What was entered for one record: field name -> text, already checked."""

_WRITTEN_TIMES: Mapping[str, tuple[Callable[[str], object], Text]] = {
    "date": (date.fromisoformat, _l("This is not a day.")),
    "time": (time.fromisoformat, _l("This is not a time of day.")),
    "datetime-local": (datetime.fromisoformat, _l("This is not a day with a time.")),
}
"""How browsers send them: in the one notation of ISO 8601, whatever they show."""

Choices = Callable[[], Sequence[tuple[str, str]]]
"""(value, text) of what can be chosen, read when it is asked."""

Rule = Callable[[Values], Mapping[str, list[str]]]
"""What must hold across fields: the problems, by field."""


WRITTEN: Mapping[str, Any] = {"type": "string", "minLength": 1}
"""JSON Schema of a text that has to say something. That blanks alone say nothing it cannot tell without a pattern over
all of Unicode, which those who read it would have to pay for.
"""


class FieldKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "textarea"
    CHOICE = "select"
    EMAIL = "email"
    PHONE = "tel"
    DAY = "date"
    TIME = "time"
    MOMENT = "datetime-local"


@dataclass(frozen=True, kw_only=True)
class Whole:
    """Several fields that lists have in one column, as a person's name."""

    parts: tuple[str, ...]
    split: Callable[[str], Values]
    apart_if: str
    """A list that has a column for this part has the others in columns of their own too."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Field:
    name: str
    label: Text
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    limit: int = 200
    """Longest text, in characters."""

    options: tuple[tuple[str, Text], ...] = ()
    help: Text = ""
    headings: tuple[str, ...] = ()
    """Further headings, in either language, by which an import recognises the column."""

    together: str = ""
    """Fields of one word are one thing, as the lines of an address: an import fills or replaces all of them."""

    spellings: tuple[tuple[str, str], ...] = ()
    """(as lists write it, option): beside the options' own labels."""

    choices: Choices | None = None
    """Among what conditions look, where the options are no part of the description, as colleagues."""

    whole: Whole | None = None
    """Such a field is in lists alone; what is kept are its parts."""

    near: Callable[[str], Sequence[str]] | None = None
    """Of a name under which something is found or made anew: known names that may be meant, where it is none itself."""

    suggested_at: str = ""
    """The endpoint that offers such names while somebody types."""

    say: Callable[[str], str] | None = None
    """How the history says what is stored, where that is no text."""


LANGUAGE = Field(
    name="locale",
    label=_l("Language"),
    kind=FieldKind.CHOICE,
    required=True,
    options=(("de", "Deutsch"), ("en", "English")),
)
"""In which language somebody reads, asked wherever a person is entered."""


class FieldSchema(Schema):
    """Loads text as people write it: trimmed, without control characters; what was left empty is None."""

    described: tuple[Field, ...] = ()
    rule: Rule | None = None
    shape: Mapping[str, Any] = {}
    """The rule as JSON Schema says it, for the description of the interface."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def _tidy(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        return {**data, **tidied(self.described, data)}

    @validates_schema(skip_on_field_errors=True)
    def _fit(self, data: dict[str, Any], **_options: Any) -> None:
        if found := problems(self.described, data, rule=self.rule):
            raise ValidationError(found)


@cache
def schema_of(described: tuple[Field, ...], *, rule: Rule | None = None) -> FieldSchema:
    return schema_class("DescribedSchema", described, rule=rule)()


def schema_class(
    name: str,
    described: Sequence[Field],
    *,
    rule: Rule | None = None,
    shape: Mapping[str, Any] | None = None,
    beside: Mapping[str, fields.Field[Any]] | None = None,
) -> type[FieldSchema]:
    """A schema of described fields, and of others ``beside`` them."""
    columns = {
        field.name: fields.String(allow_none=True, load_default=None, metadata={"described": field})
        for field in described
    }
    own = {"described": tuple(described), "rule": staticmethod(rule) if rule else None, "shape": shape or {}}
    return type(name, (FieldSchema,), {**columns, **(beside or {}), **own})


def tidied(described: Sequence[Field], data: Mapping[str, Any]) -> dict[str, Any]:
    """The texts of these fields as they are kept; None where nothing stands; what is no text is left."""
    found = {}
    for field in described:
        value = data.get(field.name)
        if isinstance(value, str):
            value = clean(value, long=field.kind is FieldKind.LONG_TEXT) or None
        found[field.name] = value
    return found


def problems(described: Sequence[Field], values: Values, *, rule: Rule | None = None) -> dict[str, list[str]]:
    """What is wrong with tidied values, by field. Imports ask here: a schema a row costs ten times that."""
    found = {field.name: [problem] for field in described if (problem := _problem(field, values[field.name]))}
    if not found and rule is not None:
        found.update(rule(values))
    return found


def problems_as_sent(described: Sequence[Field], data: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a program has to send right, though a person may leave it to us to tidy, by field: a text is not too long
    before either, and an empty one is no day and no choice, since a program has a word for nothing.
    """
    texts = [field for field in described if isinstance(data.get(field.name), str)]
    found = {field.name: _problem_as_sent(field, data[field.name]) for field in texts}
    return {name: [problem] for name, problem in found.items() if problem}


def _problem_as_sent(field: Field, text: str) -> str | None:
    if len(text) > field.limit:
        return _too_long(field)
    return None if text.strip() else _option_problem(field, "") or _notation_problem(field, "")


def clean(text: str, *, long: bool = False) -> str:
    """Without control characters and blanks around; a short text is one line, a long one keeps its lines."""
    if not long:
        text = " ".join(text.split())
        if text.isprintable():
            return text
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs", "Co"}).strip()


def _problem(field: Field, value: str | None) -> str | None:
    if value is None:
        return gettext("Please fill this in.") if field.required else None
    if len(value) > field.limit:
        return _too_long(field)
    return _option_problem(field, value) or _notation_problem(field, value)


def _too_long(field: Field) -> str:
    return gettext("This is too long: at most %(limit)d characters fit.", limit=field.limit)


def _option_problem(field: Field, value: str) -> str | None:
    is_none = field.options and value not in dict(field.options)
    return gettext("Please choose one of the entries.") if is_none else None


def _notation_problem(field: Field, value: str) -> str | None:
    if field.kind in _WRITTEN_TIMES:
        return _time_problem(field, value)
    if field.kind is FieldKind.EMAIL:
        return _email_problem(value)
    if field.kind is FieldKind.PHONE and not any(map(str.isdigit, value)):
        return gettext("This is not a phone number.")
    return None


def _time_problem(field: Field, value: str) -> str | None:
    read, problem = _WRITTEN_TIMES[field.kind]
    try:
        read(value)
    except ValueError:
        return str(problem)
    return None


def _email_problem(value: str) -> str | None:
    try:
        normal_email(value)
    except MalformedEmail:
        return gettext("This is not an e-mail address.")
    return None
