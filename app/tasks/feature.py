from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.activities.models import ActivityKind
from app.core.features import CaptureDetails, CaptureKind, Feature, MenuItem
from app.core.forms import Errors
from app.tasks import actions, entering
from app.tasks.views import bp


def _details(values: Mapping[str, str], errors: Errors) -> dict[str, Any]:
    return {"fields": entering.fields(values, errors)}


FEATURE = Feature(
    name="tasks",
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
)
