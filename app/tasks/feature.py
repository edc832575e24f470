from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import func

from app.activities import discarded, due
from app.activities.models import Activity, ActivityKind
from app.core import access, links
from app.core.bins import Bin
from app.core.capture import CaptureDetails, CaptureKind
from app.core.editing import Entered
from app.core.features import Feature, MenuItem, Unfinished
from app.core.forms import Errors
from app.core.overview import Agenda, Numbers
from app.core.subjects import Person, Subject
from app.tasks import actions, entering, numbers, queries
from app.tasks.api import RESOURCE
from app.tasks.schemas import DUE_ON, REPEAT
from app.tasks.views import bp
from tenants import clock
from tenants.context import current_actor

_SHOWN = 8
_TITLE = 120


def _details(values: Mapping[str, str], errors: Errors) -> dict[str, Any]:
    return {"fields": entering.fields(Entered(values=values, errors=errors))}


def _agenda() -> Agenda | None:
    user_id, today = current_actor().user_id, clock.today()
    if user_id is None or not access.may("tasks.read"):
        return None
    url_of = links.urls("tasks.edit", "task_id") if access.may("tasks.write") else lambda _: url_for("tasks.index")
    lines = [
        (
            url_of(row.id),
            row.body.partition("\n")[0],
            due.said(row.due_on, row.due_time, today=today) if row.due_on else "",
            "bad" if row.due_on and row.due_on < today else "plain",
        )
        for row in queries.mine(user_id, limit=_SHOWN)
    ]
    return Agenda(
        title=_l("My tasks"), url=url_for("tasks.index"), lines=lines, empty=_l("Nothing is waiting for you.")
    )


FEATURE = Feature(
    name="tasks",
    resources=(RESOURCE,),
    blueprints=(bp,),
    permissions=("tasks.read", "tasks.write", "tasks.delete"),
    menu=(MenuItem(label=_l("Tasks"), icon="list-checks", endpoint="tasks.index", permission="tasks.read"),),
    quick=(MenuItem(label=_l("New task"), icon="list-checks", endpoint="tasks.new", permission="tasks.write"),),
    capture_kinds=(
        CaptureKind(
            value=str(ActivityKind.TASK),
            label=_l("Task"),
            icon="circle-check",
            permission="tasks.write",
            keep=entering.keep,
        ),
    ),
    capture_details=(
        CaptureDetails(
            kinds=(str(ActivityKind.TASK),),
            template="tasks/details.html",
            load=_details,
            permission="tasks.write",
        ),
    ),
    subjects=(
        Subject(
            name="task",
            model=Activity,
            only={"kind": str(ActivityKind.TASK)},
            label=_l("Task"),
            plural=_l("Tasks"),
            icon="list-checks",
            permission="tasks.read",
            title=lambda: func.left(Activity.body, _TITLE),
            endpoint="tasks.edit",
            argument="task_id",
            people=(
                Person(name="assignee", label=_l("Whoever it is for"), column="assignee_id"),
                Person(name="author", label=_l("Whoever entered it"), column="author_id"),
            ),
            told=(DUE_ON, REPEAT),
            addressed=_l("A task for you"),
            addressed_by=_l("%(who)s has given you this task."),
            is_record=False,
        ),
    ),
    bins=(
        Bin(
            kind="task",
            plural=_l("Tasks"),
            icon="list-checks",
            permission="tasks",
            load=discarded.load_tasks,
            take_back=discarded.take_back_task,
        ),
    ),
    handover=actions.handover,
    unfinished=Unfinished(
        statement=queries.BETWEEN,
        take_off=actions.take_off,
        give=actions.give,
        permission="tasks.write",
    ),
    agenda=_agenda,
    numbers=Numbers(load=numbers.load, permission="tasks.read"),
)
