from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from marshmallow import ValidationError, fields, validate

from app.activities.api import ABOUT, RefSchema, about_column, refs
from app.activities.models import Activity, ActivityKind
from app.core import records
from app.core.entities import Filter
from app.core.fields import schema_class
from app.core.resources import Deed, Entered, Reading, RecordSchema, Resource, any_value, in_only, same, texts
from app.tasks import actions, entering
from app.tasks.actions import Plan
from app.tasks.schemas import CHANGE_SHAPE, DETAILED, SHAPE, days_fit
from tenants import clock
from tenants.context import current_actor

_ASSIGNEE = {"assignee_id": fields.UUID(load_default=None, allow_none=True)}
_ABOUT = {"about": fields.List(fields.Nested(RefSchema), load_default=[], validate=validate.Length(max=1))}


class TaskSchema(RecordSchema):
    text = fields.String()
    assignee_id = fields.UUID(allow_none=True)
    author_id = fields.UUID(allow_none=True)
    due_on = fields.Date(allow_none=True)
    due_time = fields.Time(allow_none=True, metadata={"description": _l("On the clocks of the firm.")})
    repeats = fields.String(allow_none=True)
    done_at = fields.DateTime(allow_none=True)
    done_by_id = fields.UUID(allow_none=True)
    about = fields.List(fields.Nested(RefSchema), metadata={"description": _l("The records that it is on.")})


def _create(entered: Entered) -> UUID:
    about = refs(entered["about"])
    return actions.add(_plan(entered, present=None), about=about[0] if about else None, at=clock.now())


def _change(task: Activity, entered: Entered) -> None:
    actions.change(task, _plan(entered, present=task.assignee_id))


def _plan(entered: Mapping[str, Any], *, present: UUID | None) -> Plan:
    """Raises ValidationError for somebody who is not there to do it."""
    assignee_id: UUID | None = entered["assignee_id"] or present or current_actor().user_id
    known = {user_id for user_id, _ in entering.people()} | {present}
    if assignee_id is None or assignee_id not in known:
        raise ValidationError({"assignee_id": [gettext("Please choose one of the entries.")]})
    return entering.plan({**entered, "assignee": str(assignee_id)})


def _is_done(_model: Any, chosen: str) -> Any:
    return Activity.done_at.is_not(None) if chosen == "true" else Activity.done_at.is_(None)


_ONLY = {"kind": (ActivityKind.TASK,)}

RESOURCE = Resource(
    name="tasks",
    one="Task",
    label=_l("Tasks"),
    model=Activity,
    permission="tasks",
    shown=TaskSchema,
    read=Reading(
        Activity,
        Activity.body.label("text"),
        *(getattr(Activity, name) for name in ("assignee_id", "author_id", "due_on", "due_time", "repeats")),
        Activity.done_at,
        Activity.done_by_id,
        about_column(),
        where=in_only(Activity, _ONLY),
    ),
    filters=(
        Filter(name="assignee_id", label=_l("For"), choices=any_value, parse=UUID, where=same(Activity.assignee_id)),
        Filter(name="done", label=_l("Done"), options=(("true", _l("yes")), ("false", _l("no"))), where=_is_done),
        ABOUT,
    ),
    only=_ONLY,
    entered=schema_class("TaskEntry", DETAILED, rule=days_fit, shape=SHAPE, beside={**_ASSIGNEE, **_ABOUT}),
    create=_create,
    changed=schema_class("TaskChange", DETAILED, rule=days_fit, shape=CHANGE_SHAPE, beside=_ASSIGNEE),
    present=lambda task: {
        **texts(task, ("due_on", "due_time", "repeats")),
        "text": task.body,
        "assignee_id": str(task.assignee_id),
    },
    change=_change,
    delete=records.discard,
    deeds=(
        Deed(
            name="completion",
            label=_l("Done"),
            do=lambda task, _entered: actions.tick(task, at=clock.now()),
            undo=actions.reopen,
        ),
    ),
    example={
        "text": "Send the offer.",
        "due_on": "2026-12-01",
        "about": [{"type": "contact", "id": "01a2094e-0be7-7250-b21e-bbb4c640b375"}],
    },
)
