from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l

from app.activities import due
from app.activities.models import ActivityKind
from app.core import access, links
from app.core.features import Agenda, CaptureDetails, CaptureKind, Feature, MenuItem
from app.core.forms import Errors
from app.tasks import actions, entering, queries
from app.tasks.api import RESOURCE
from app.tasks.views import bp
from tenants import clock
from tenants.context import current_actor

_SHOWN = 8


def _details(values: Mapping[str, str], errors: Errors) -> dict[str, Any]:
    return {"fields": entering.fields(values, errors)}


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
    handover=actions.handover,
    agenda=_agenda,
)
