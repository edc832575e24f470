from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.activities.models import ActivityKind
from app.core.fields import Field, FieldKind, Text, Values, schema_of
from app.core.moments import YEARS

HAPPENED: tuple[tuple[ActivityKind, Text, str], ...] = (
    (ActivityKind.NOTE, _l("Note"), "sticky-note"),
    (ActivityKind.CALL, _l("Call"), "phone"),
    (ActivityKind.MEETING, _l("Meeting"), "users"),
    (ActivityKind.EMAIL, _l("E-mail"), "mail"),
)
"""What is written down after it happened: (kind, label, icon)."""

KINDS = (*HAPPENED, (ActivityKind.TASK, _l("Task"), "circle-check"))

BODY = Field(name="text", label=_l("What happened?"), kind=FieldKind.LONG_TEXT, required=True, limit=20_000)
WHEN = Field(
    name="when",
    label=_l("When"),
    kind=FieldKind.MOMENT,
    help=_l("If left empty: now."),
)


def in_our_times(values: Values) -> Mapping[str, list[str]]:
    when = values.get("when")
    if when and datetime.fromisoformat(when).year not in YEARS:
        return {"when": [gettext("This is not a day with a time.")]}
    return {}


SCHEMA = schema_of((BODY, WHEN), rule=in_our_times)
BODY_SCHEMA = schema_of((BODY,))
