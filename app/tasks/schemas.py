from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.activities.models import Repeats
from app.core.fields import Field, FieldKind, Values, schema_of

REPEATS = (
    (Repeats.DAILY, _l("Every day")),
    (Repeats.WEEKLY, _l("Every week")),
    (Repeats.MONTHLY, _l("Every month")),
    (Repeats.YEARLY, _l("Every year")),
)
_YEARS = range(1900, 9000)

TEXT = Field(name="text", label=_l("What is to be done?"), kind=FieldKind.LONG_TEXT, required=True, limit=20_000)
DUE_ON = Field(name="due_on", label=_l("Due"), kind=FieldKind.DAY)
DUE_TIME = Field(name="due_time", label=_l("Time"), kind=FieldKind.TIME)
ASSIGNEE = Field(name="assignee", label=_l("For"), limit=36)
REPEAT = Field(
    name="repeats",
    label=_l("Repeats"),
    kind=FieldKind.CHOICE,
    options=tuple((str(value), label) for value, label in REPEATS),
)


def days_fit(values: Values) -> Mapping[str, list[str]]:
    due_on = values.get("due_on")
    if due_on and date.fromisoformat(due_on).year not in _YEARS:
        return {"due_on": [gettext("This is not a day.")]}
    if not due_on and values.get("due_time"):
        return {"due_on": [gettext("A time needs a day.")]}
    if not due_on and values.get("repeats"):
        return {"due_on": [gettext("What repeats needs a day to count from.")]}
    return {}


CHANGE_SHAPE: Mapping[str, Any] = {"properties": {"due_on": {"pattern": "^(19|[2-8][0-9])"}}}
SHAPE = {
    **CHANGE_SHAPE,
    "anyOf": [
        {"required": ["due_on"], "properties": {"due_on": {"type": "string"}}},
        {"properties": {"due_time": {"const": None}, "repeats": {"const": None}}},
    ],
}
"""``days_fit`` of a new task, as JSON Schema says it."""

DETAILED = (TEXT, DUE_ON, DUE_TIME, REPEAT)
SCHEMA = schema_of((*DETAILED, ASSIGNEE), rule=days_fit)
