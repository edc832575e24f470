from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import delete, update

from app.activities import actions as activities
from app.activities import queries as written
from app.activities.models import Activity, ActivityKind, Link, Repeats
from app.core.entities import EntityRef
from app.tasks import queries
from app.tasks.repeating import next_day
from tenants import clock, live
from tenants.context import current_actor
from tenants.db import db, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done, by when and by whom."""

    text: str
    assignee_id: UUID
    due_on: date | None = None
    due_time: time | None = None
    repeats: Repeats | None = None


def add(plan: Plan, *, about: EntityRef | None, at: datetime) -> UUID:
    """A new task; made on a record it belongs to the record's neighbours too."""
    return activities.write(_task(plan, at=at), about=activities.with_neighbours(about) if about else [])


def change(task: Activity, plan: Plan) -> None:
    if plan.due_on != task.due_on:
        task.repeat_day = plan.due_on.day if plan.due_on else None
    task.assignee_id, task.repeats = plan.assignee_id, plan.repeats
    task.due_on, task.due_time = plan.due_on, plan.due_time
    activities.rewrite(task, body=plan.text)


def tick(task: Activity, *, at: datetime) -> bool:
    """Done. What repeats is there once more, counted from the day on which this was due. Done twice it is done once;
    answers whether it was done now.
    """
    if task.done_at is not None:
        return False
    task.tick(at=at, by=current_actor().user_id)
    if task.repeats is not None and task.due_on is not None and queries.follower(task.id) is None:
        _repeat(task, due_on=next_day(task.due_on, task.repeats, counted_from=task.repeat_day or task.due_on.day))
    return True


def reopen(task: Activity) -> None:
    """Not done after all; the repetition goes, unless somebody has worked on it already. Done twice it is done once."""
    if task.done_at is None:
        return
    task.reopen()
    following = queries.follower(task.id)
    if following is not None and following.done_at is None and following.version == 1:
        following.deleted_at = clock.now()


def handover(from_user: UUID, to_user: UUID) -> int:
    """Give everything that somebody still has to do to somebody else; how much that was."""
    given = (
        update(Activity)
        .where(*queries.OPEN, Activity.assignee_id == from_user)
        .values(assignee_id=to_user, version=Activity.version + 1, updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return int(db.session.execute(given).rowcount)  # type: ignore[attr-defined]


def take_off(ids: Collection[UUID], ref: EntityRef) -> None:
    """These are not on that record any more."""
    live.hint(ref.id)
    db.session.execute(delete(Link).where(Link.activity_id.in_(ids), Link.record_id == ref.id))


def give(ids: Collection[UUID], user_id: UUID) -> None:
    """These are for somebody else to do."""
    for task in queries.all_to_change(ids):
        task.assignee_id = user_id


def _task(plan: Plan, *, at: datetime) -> Activity:
    return Activity(
        id=new_id(),
        kind=ActivityKind.TASK,
        at=at,
        body=plan.text,
        author_id=current_actor().user_id,
        assignee_id=plan.assignee_id,
        due_on=plan.due_on,
        due_time=plan.due_time,
        repeats=plan.repeats,
        repeat_day=plan.due_on.day if plan.due_on else None,
    )


def _repeat(task: Activity, *, due_on: date) -> None:
    """Nobody is named anew: whoever was has read it."""
    following = Activity(
        id=new_id(),
        kind=ActivityKind.TASK,
        at=task.done_at,
        body=task.body,
        author_id=task.author_id,
        assignee_id=task.assignee_id,
        due_on=due_on,
        due_time=task.due_time,
        repeats=task.repeats,
        repeat_day=task.repeat_day,
        follows_id=task.id,
    )
    refs: Iterable[EntityRef] = [EntityRef(link.kind, link.record_id) for link in written.links_of(task.id)]
    activities.repeat(following, about=refs)
