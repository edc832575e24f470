"""What the members of a demo firm did in the year before it was built; each is the present user when it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Integer, cast, func, update

from app.activities import actions as activities
from app.activities.models import Activity, Repeats
from app.affiliations import actions as affiliations
from app.affiliations import queries as employments
from app.companies.models import Company
from app.complaints import actions as complaints
from app.complaints.actions import Draft
from app.complaints.models import Complaint
from app.contactpoints.models import PointKind
from app.contacts.models import Contact
from app.core.entities import EntityRef, entity_types
from app.demo import photos, queries
from app.demo.firms import Duty, Grievance, Happening, Mark
from app.tags import actions as tags
from app.tasks import actions as tasks
from app.tasks import queries as task_queries
from app.tasks.actions import Plan
from tenants import clock
from tenants.context import current_actor
from tenants.db import db

Known = Mapping[str, EntityRef]
"""Contacts and companies by name."""

_SATURDAY = 5
_CLOSED = frozenset({(12, 24), (12, 25), (12, 26), (12, 31), (1, 1)})
"""Months and days on which nobody works in either country."""

_MORNING, _AFTERNOON = time(9, 15), time(15, 30)
_YEAR = 360


def spread(*, now: datetime) -> None:
    """Contacts and companies came one by one over the year, in the order of the lists."""
    for model in (Company, Contact):
        ranked = queries.ranked(model)
        days = cast(_YEAR - _YEAR * ranked.c.place // ranked.c.all, Integer)
        came = now - func.make_interval(0, 0, 0, days)
        values = {"created_at": came, "updated_at": model.updated_at}
        statement = update(model).where(model.id == ranked.c.id).values(values)
        db.session.execute(statement.execution_options(synchronize_session=False))


def mark(marks: Sequence[Mark], known: Known) -> None:
    for one in marks:
        tag = tags.find_or_add(one.name)
        for kind in ("contact", "company"):
            carriers = [known[name].id for name in one.on if known[name].type == kind]
            tags.add(tag, entity_types.named(kind), carriers)


def tell(happening: Happening, known: Known, *, now: datetime) -> None:
    about = known[happening.about]
    moment = _moment(happening.ago, happening.at, now=now)
    if happening.moves_to is not None:
        _move(about.id, to=happening.moves_to, role=happening.role, on=moment.date())
    activities.record(happening.kind, body=happening.text, about=about, at=moment)


def assign(duty: Duty, known: Known, *, now: datetime) -> None:
    """What repeats has been done so many times, each on the last working day until it was due."""
    due_on = clock.local(now).date() + timedelta(days=duty.due_in)
    first = _begun(due_on, duty.repeats, times=duty.done)
    assigned = _on(first - timedelta(days=7), _MORNING, now=now) if duty.done else _moment(2, _MORNING, now=now)
    plan = Plan(text=duty.text, assignee_id=_own_id(), due_on=first, repeats=duty.repeats)
    task: Activity | None = db.session.get(Activity, tasks.add(plan, about=known[duty.about], at=assigned))
    for _ in range(duty.done):
        if task is not None and task.due_on is not None:
            tasks.tick(task, at=_on(_working_day(task.due_on + timedelta(days=1), ago=1), _AFTERNOON, now=now))
            task = task_queries.follower(task.id)


def complain(grievance: Grievance, known: Known, *, now: datetime) -> None:
    moment = _moment(grievance.ago, grievance.at, now=now)
    draft = Draft(
        what=grievance.what,
        details=grievance.details,
        priority=grievance.priority,
        contact_id=known[grievance.about].id,
        assignee_id=_own_id(),
    )
    pictures = [(photos.photo(grievance.photo), grievance.photo)] if grievance.photo else []
    complaint = db.session.get_one(Complaint, complaints.enter(draft, at=moment, photos=pictures))
    if grievance.acknowledged:
        complaint.acknowledge(by=_own_id(), at=moment + timedelta(minutes=grievance.acknowledged))
    if grievance.settled:
        _settle(complaint, grievance, now=now)


def _settle(complaint: Complaint, grievance: Grievance, *, now: datetime) -> None:
    """The history shall know each step, so each is written by itself."""
    settled = grievance.ago - grievance.days
    complaint.settle(how=grievance.settled, by=_own_id(), at=_moment(settled, _AFTERNOON, now=now))
    if grievance.again:
        db.session.flush()
        complaint.reopen()
        db.session.flush()
        moment = _moment(settled - grievance.again, _AFTERNOON, now=now)
        complaint.settle(how=grievance.settled_again, by=_own_id(), at=moment)


def _move(contact_id: UUID, *, to: str, role: str, on: date) -> None:
    job = next(own for own in employments.employers_of(contact_id) if own.until is None)
    mails = {point.id for point in employments.reached_at(contact_id) if point.kind is PointKind.EMAIL}
    affiliations.move(employments.affiliation(job.id), company=to, role=role, on=on, ending=mails)


def _begun(due_on: date, repeats: Repeats | None, *, times: int) -> date:
    """When that was due so many times before."""
    if repeats is Repeats.WEEKLY:
        return due_on - timedelta(weeks=times)
    day = due_on
    for _ in range(times):
        day = (day.replace(day=1) - timedelta(days=1)).replace(day=min(day.day, 28))
    return day


def _own_id() -> UUID:
    own_id = current_actor().user_id
    assert own_id is not None, "The demo is told by its members."
    return own_id


def _moment(ago: int, at: time, *, now: datetime) -> datetime:
    """So many working days before today, on the clocks of the firm."""
    return _on(_working_day(clock.local(now).date(), ago=ago), at, now=now)


def _on(day: date, at: time, *, now: datetime) -> datetime:
    return datetime.combine(day, at, tzinfo=clock.local(now).tzinfo)


def _working_day(today: date, *, ago: int) -> date:
    """``ago`` counts from 1: the last day before today on which people work."""
    day = today
    while ago:
        day -= timedelta(days=1)
        ago -= day.weekday() < _SATURDAY and (day.month, day.day) not in _CLOSED
    return day
