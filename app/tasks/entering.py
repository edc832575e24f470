"""From what was typed to a plan, and the fields in which it is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext

from app.activities.models import Activity, Repeats
from app.core import forms
from app.core.entities import EntityRef
from app.core.forms import Errors, FormField
from app.tasks import actions
from app.tasks.actions import Plan
from app.tasks.schemas import ASSIGNEE, DUE_ON, DUE_TIME, REPEAT, SCHEMA
from app.users import queries as users
from tenants import clock
from tenants.context import current_actor

DETAILS = (DUE_ON, DUE_TIME, REPEAT)


def keep(about: EntityRef | None) -> Errors:
    """Add what was typed as a task, on a record or of its own."""
    plan, errors = read()
    if plan is not None:
        actions.add(plan, about=about, at=clock.now())
    elif not typed().get("text", "").strip():
        return {**errors, "text": [gettext("Please write down what is to be done.")]}
    return errors


def read(*, present: UUID | None = None) -> tuple[Plan | None, Errors]:
    """``present`` does it until now, and may go on doing so after having left the firm."""
    values, errors = forms.read(SCHEMA)
    chosen = values.get("assignee") or str(present or current_actor().user_id)
    known = {str(user_id): user_id for user_id, _ in people()} | ({str(present): present} if present else {})
    if chosen not in known:
        return None, {**errors, "assignee": [gettext("Please choose one of the entries.")]}
    if errors:
        return None, errors
    return plan(values, known[chosen]), {}


def people() -> Sequence[tuple[UUID, str]]:
    return users.offered()


def fields(values: Mapping[str, Any], errors: Errors, *, present: tuple[UUID, str] | None = None) -> list[FormField]:
    """Due day, time, for whom, repeats."""
    due_on, due_time, repeats = forms.shown(DETAILS, values, errors)
    active = [(str(user_id), name) for user_id, name in people()]
    if present is not None and str(present[0]) not in dict(active):
        active.append((str(present[0]), present[1]))
    assignee = FormField(
        name=ASSIGNEE.name,
        label=str(ASSIGNEE.label),
        kind="select",
        value=str(values.get("assignee") or current_actor().user_id),
        errors=errors.get("assignee", ()),
        options=active,
    )
    once = ("", gettext("Does not repeat"))
    return [due_on, due_time, assignee, replace(repeats, options=[once, *repeats.options[1:]])]


def values_of(task: Activity) -> dict[str, str]:
    return {
        "text": task.body,
        "due_on": task.due_on.isoformat() if task.due_on else "",
        "due_time": task.due_time.strftime("%H:%M") if task.due_time else "",
        "assignee": str(task.assignee_id),
        "repeats": task.repeats or "",
    }


def typed() -> dict[str, str]:
    return request.form.to_dict()


def plan(values: Mapping[str, Any], assignee_id: UUID) -> Plan:
    """Of checked values."""
    due_on, due_time, repeats = values["due_on"], values["due_time"], values["repeats"]
    return Plan(
        text=values["text"] or "",
        assignee_id=assignee_id,
        due_on=date.fromisoformat(due_on) if due_on else None,
        due_time=time.fromisoformat(due_time).replace(tzinfo=None) if due_time else None,
        repeats=Repeats(repeats) if repeats else None,
    )
