"""What home tells of everybody's tasks in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import url_for
from flask_babel import format_decimal
from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, bindparam, union_all

from app.activities.models import Activity, ActivityKind
from app.core import weeks
from app.core.overview import Figure
from app.tasks.pages import EVERYBODY
from app.tasks.queries import OPEN
from tenants import clock
from tenants.db import rows

_DONE = (Activity.done_at.is_not(None), Activity.deleted_at.is_(None), Activity.kind == ActivityKind.TASK)
_COUNTED = union_all(
    weeks.altogether("overdue", *OPEN, Activity.due_on < bindparam("today", type_=Date)),
    weeks.by_week("done", Activity.done_at, *_DONE),
)


def load(begun: Sequence[datetime]) -> Sequence[Figure]:
    found = rows(_COUNTED, {**weeks.values(begun), "today": clock.today()})
    return [
        Figure(
            label=_l("Overdue tasks"),
            value=format_decimal(weeks.total(found, "overdue")),
            url=url_for("tasks.index", who=EVERYBODY),
            about=_l("Tasks done per week"),
            weeks=weeks.spread(found, "done"),
        )
    ]
