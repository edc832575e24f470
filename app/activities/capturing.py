"""What the box "What happened?" keeps of notes, calls, meetings and e-mails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext

from app.activities import actions
from app.activities.models import ActivityKind
from app.activities.schemas import SCHEMA, WHEN
from app.core import forms
from app.core.entities import EntityRef
from app.core.forms import Errors
from app.core.moments import read_moment
from tenants import clock


def keep(kind: ActivityKind, about: EntityRef) -> Errors:
    values, errors = forms.read(SCHEMA)
    if not errors:
        actions.record(kind, body=values["text"], about=about, at=moment(values["when"]))
    elif not values.get("text", "").strip():
        return {**errors, "text": [gettext("Please write down what happened.")]}
    return errors


def when(values: Mapping[str, str], errors: Errors) -> dict[str, Any]:
    return {"field": forms.shown((WHEN,), values, errors)[0]}


def moment(written: str | None) -> datetime:
    """Of a checked text; left empty, it happened now."""
    return clock.now() if written is None else read_moment(written)
