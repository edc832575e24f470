"""What home tells of contacts in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import url_for
from flask_babel import format_decimal
from flask_babel import lazy_gettext as _l
from sqlalchemy import DateTime, bindparam, union_all

from app.contacts.models import Contact
from app.core import weeks
from app.core.overview import Figure
from tenants import clock
from tenants.db import rows

_MONTH = timedelta(days=30)
_SINCE = bindparam("since", type_=DateTime(timezone=True))
_THERE = Contact.deleted_at.is_(None)
# It is what the index knows: who is new since then has changed since then.
_COUNTED = union_all(
    weeks.altogether("month", _THERE, Contact.updated_at >= _SINCE, Contact.created_at >= _SINCE),
    weeks.by_week("new", Contact.created_at, _THERE, Contact.updated_at >= weeks.FIRST),
)


def load(begun: Sequence[datetime]) -> Sequence[Figure]:
    found = rows(_COUNTED, {**weeks.values(begun), "since": clock.now() - _MONTH})
    return [
        Figure(
            label=_l("New contacts in 30 days"),
            value=format_decimal(weeks.total(found, "month")),
            url=url_for("contacts.index", sort="recent"),
            about=_l("New contacts per week"),
            weeks=weeks.spread(found, "new"),
        )
    ]
