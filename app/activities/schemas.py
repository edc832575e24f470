from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.activities.models import ActivityKind
from app.core.fields import Field, FieldKind, schema_of

KINDS = ((ActivityKind.NOTE, _l("Note"), "sticky-note"), (ActivityKind.CALL, _l("Call"), "phone"))

BODY = Field(name="text", label=_l("What happened?"), kind=FieldKind.LONG_TEXT, required=True, limit=20_000)
KIND = Field(
    name="kind",
    label=_l("Kind"),
    kind=FieldKind.CHOICE,
    required=True,
    options=tuple((value, label) for value, label, _ in KINDS),
)

SCHEMA = schema_of((BODY, KIND))
BODY_SCHEMA = schema_of((BODY,))
