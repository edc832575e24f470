"""What home tells of complaints in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import url_for
from flask_babel import format_decimal, format_percent
from flask_babel import lazy_gettext as _l
from sqlalchemy import union_all

from app.complaints.models import Complaint, ComplaintState
from app.core import weeks
from app.core.overview import Figure
from tenants.db import rows

_THERE = Complaint.deleted_at.is_(None)
# It is what the index knows: who was settled or entered since then has changed since then.
_LATELY = (_THERE, Complaint.updated_at >= weeks.FIRST)
_COUNTED = union_all(
    weeks.altogether("open", _THERE, Complaint.sort_key < "1"),
    weeks.by_week("entered", Complaint.created_at, *_LATELY),
    weeks.by_week("settled", Complaint.settled_at, *_LATELY),
    weeks.by_week("in time", Complaint.settled_at, *_LATELY, Complaint.settled_at <= Complaint.due),
)


def load(begun: Sequence[datetime]) -> Sequence[Figure]:
    found = rows(_COUNTED, weeks.values(begun))
    waiting = Figure(
        label=_l("Open complaints"),
        value=format_decimal(weeks.total(found, "open")),
        url=url_for("complaints.index", state=str(ComplaintState.OPEN)),
        about=_l("Complaints entered per week"),
        weeks=weeks.spread(found, "entered"),
    )
    settled = weeks.total(found, "settled")
    if not settled:
        return [waiting]
    in_time = Figure(
        label=_l("Settled in time"),
        value=format_percent(weeks.total(found, "in time") / settled),
        url=url_for("complaints.index", state=str(ComplaintState.SETTLED)),
        about=_l("Complaints settled per week"),
        weeks=weeks.spread(found, "settled"),
    )
    return [waiting, in_time]
