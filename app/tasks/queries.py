from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, Row, Select, Uuid, bindparam, func, literal, select, true, tuple_
from sqlalchemy.orm import aliased

from app.activities.models import Activity, ActivityKind, Link, Mention
from app.core import records
from app.core.access import visible
from app.users.models import User
from tenants.db import db, rows
from tenants.errors import NotFound

PAGE = 50
TITLE = 200
"""Characters by which a task is named where there is room for one line."""

_IS_TASK = Activity.kind == ActivityKind.TASK
OPEN = (_IS_TASK, Activity.done_at.is_(None), Activity.deleted_at.is_(None))
"""What makes an activity a task that is still to be done."""


class State(StrEnum):
    OPEN = "open"
    DONE = "done"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Counts:
    overdue: int
    today: int


def task(task_id: UUID) -> Activity:
    """Raises NotFound."""
    found = db.session.scalar(visible(Activity).where(Activity.id == task_id, _IS_TASK))
    if found is None:
        raise NotFound
    return found


def task_to_change(task_id: UUID) -> Activity:
    """Locked until the end of the request.

    Raises NotFound.
    """
    found = records.load_to_change(Activity, task_id)
    if found.kind is not ActivityKind.TASK:
        raise NotFound
    return found


def all_to_change(ids: Collection[UUID]) -> Sequence[Activity]:
    """Locked until the end of the request; in the recycle bin there is nothing to change."""
    wanted = visible(Activity).where(Activity.id.in_(ids), _IS_TASK).order_by(Activity.id).with_for_update()
    return db.session.scalars(wanted).all()


def task_anywhere(task_id: UUID) -> Activity:
    """A task wherever it lies, in the recycle bin too.

    Raises NotFound.
    """
    found = db.session.scalar(select(Activity).where(Activity.id == task_id, _IS_TASK))
    if found is None:
        raise NotFound
    return found


def follower(task_id: UUID) -> Activity | None:
    """The repetition that came of a task, where it still lies open to view."""
    return db.session.scalar(visible(Activity).where(Activity.follows_id == task_id).limit(1))


def mine(user_id: UUID, *, limit: int) -> Sequence[Row[Any]]:
    """What somebody has to do, due first: columns of the task, and subject_kind and subject_id of the record that it
    was made on, where it was made on one.
    """
    return page(State.OPEN, assignee_id=user_id, after=None, limit=limit)


def counts(user_id: UUID, *, today: date) -> Counts:
    """How much of it should have been done before today, and how much is due today."""
    overdue, due_today = rows(_COUNTS, {"user_id": user_id, "today": today})[0]
    return Counts(overdue=overdue, today=due_today)


def page(state: State, *, assignee_id: UUID | None, after: UUID | None, limit: int = PAGE + 1) -> Sequence[Row[Any]]:
    """Tasks of somebody, or of everybody: what is open by due day, what is done or deleted with the latest first.
    ``after`` is the last task of the page before.
    """
    statement = _page(state, whose=assignee_id is not None, goes_on=after is not None)
    return rows(statement, {"assignee_id": assignee_id, "after": after, "limit": limit})


_First, _Second = aliased(Link), aliased(Link)
BETWEEN = (
    select(
        Activity.id,
        func.left(func.split_part(Activity.body, "\n", 1), TITLE).label("title"),
        Activity.due_on.label("due"),
    )
    .join(_First, (_First.activity_id == Activity.id) & (_First.record_id == bindparam("first_id", type_=Uuid)))
    .join(_Second, (_Second.activity_id == Activity.id) & (_Second.record_id == bindparam("second_id", type_=Uuid)))
    .where(*OPEN)
)
"""What is still to be done and is on two records."""

_COUNTS = select(
    func.count().filter(Activity.due_on < bindparam("today", type_=Date)),
    func.count().filter(Activity.due_on == bindparam("today", type_=Date)),
).where(*OPEN, Activity.assignee_id == bindparam("user_id", type_=Uuid))

_SUBJECT = select(Link.kind, Link.record_id).where(Link.activity_id == Activity.id).order_by(Link.id).limit(1).lateral()
_NAMED = (
    select(func.array_agg(User.name))
    .join(Mention, Mention.user_id == User.id)
    .where(Mention.activity_id == Activity.id)
    .correlate(Activity)
    .scalar_subquery()
)
_ASSIGNEE = aliased(User)
_TASKS = (
    select(
        Activity.id,
        Activity.body,
        Activity.due_on,
        Activity.due_time,
        Activity.repeats,
        Activity.done_at,
        Activity.assignee_id,
        _ASSIGNEE.name.label("assignee"),
        _NAMED.label("named"),
        _SUBJECT.c.kind.label("subject_kind"),
        _SUBJECT.c.record_id.label("subject_id"),
    )
    .select_from(Activity)
    .outerjoin(_SUBJECT, true())
    .outerjoin(_ASSIGNEE, _ASSIGNEE.id == Activity.assignee_id)
    .limit(bindparam("limit", type_=Integer))
)
_STATES = {
    State.OPEN: OPEN,
    State.DONE: (_IS_TASK, Activity.done_at.is_not(None), Activity.deleted_at.is_(None)),
    State.DELETED: (_IS_TASK, Activity.deleted_at.is_not(None)),
}


@cache
def _page(state: State, *, whose: bool, goes_on: bool) -> Select[Any]:
    """Built once for each of the twelve."""
    statement = _TASKS.where(*_STATES[state])
    if whose:
        statement = statement.where(Activity.assignee_id == bindparam("assignee_id", type_=Uuid))
    order = _order(state, Activity)
    statement = statement.order_by(*(key if state is State.OPEN else key.desc() for key in order))
    if not goes_on:
        return statement
    last = aliased(Activity)
    place = select(*_order(state, last)).where(last.id == bindparam("after", type_=Uuid)).scalar_subquery()
    here: Any = tuple_(*order)
    return statement.where(here > place if state is State.OPEN else here < place)


def _order(state: State, task: Any) -> tuple[Any, ...]:
    """What is due at no time of day comes after what is, and what is due on no day comes last."""
    match state:
        case State.OPEN:
            never, at_night = literal("infinity").cast(Date), literal("24:00").cast(task.due_time.type)
            return func.coalesce(task.due_on, never), func.coalesce(task.due_time, at_night), task.id
        case State.DONE:
            return task.done_at, task.id
        case State.DELETED:
            return task.deleted_at, task.id
