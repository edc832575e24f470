from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, String, Uuid, bindparam, cast, literal, null, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from app.escalation.models import SetAside
from app.notifications.models import Delivery, DeliveryState
from tenants.db import rows
from tenants.jobs import Job, JobState

PAGE = 50
_LAST = UUID(int=(1 << 128) - 1)


class Kind(StrEnum):
    JOB = "job"
    CHANGE = "change"
    """A change with which a rule could not deal."""

    MESSAGE = "message"


def _letters(kind: Kind, model: Any, what: Any, attempts: Any, error: InstrumentedAttribute[Any]) -> Any:
    return select(
        literal(kind.value, String).label("kind"),
        model.id.label("id"),
        model.created_at.label("created_at"),
        cast(what, String).label("what"),
        cast(attempts, Integer).label("attempts"),
        error.label("error"),
    ).where(model.id < bindparam("before", type_=Uuid))


_JOBS = _letters(Kind.JOB, Job, Job.name, Job.attempts, Job.error).where(Job.state == JobState.FAILED)
_CHANGES = _letters(Kind.CHANGE, SetAside, SetAside.rule, null(), SetAside.error)
_MESSAGES = _letters(Kind.MESSAGE, Delivery, Delivery.channel, Delivery.attempts, Delivery.error).where(
    Delivery.state == DeliveryState.DEAD
)
_EACH = [one.order_by(one.selected_columns.id.desc()).limit(PAGE + 1) for one in (_JOBS, _CHANGES, _MESSAGES)]
_ALL = union_all(*(select(one.subquery()) for one in _EACH))
_PAGE = _ALL.order_by(_ALL.selected_columns.id.desc()).limit(PAGE + 1)


def letters(*, before: UUID | None = None) -> tuple[Sequence[Row[Any]], UUID | None]:
    """((kind, id, created_at, what, attempts, error), the last first; behind which there is more)

    Ids sort by the time at which they were made, whatever they are of.
    """
    found = rows(_PAGE, {"before": before or _LAST})
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None
