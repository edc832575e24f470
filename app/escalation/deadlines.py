"""Until when something must happen, in business time; and who is told when it did not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete as sql_delete
from sqlalchemy import tuple_, update
from sqlalchemy.dialects.postgresql import insert

from app.core import access
from app.core.features import features
from app.core.subjects import Known, Subject
from app.escalation import matching, queries
from app.escalation.hours import Hours, NeverOpen
from app.escalation.matching import Happening, People
from app.escalation.models import Deadline
from app.escalation.rules import Level, Rule, Telling
from app.notifications import actions as notifications
from app.notifications.actions import Notice
from app.notifications.models import Event
from tenants import clock, relay
from tenants.db import db, new_id
from tenants.jobs import job, later

QUANTUM = 100
_AT_ONCE = 1000
_NOBODY = UUID(int=0)

Begun = tuple[str, UUID, Rule, datetime, str]
"""(kind of row, its id, the rule that waits, since when, what it came of together with others; empty: by itself)"""


class Begins:
    """Who waits for what from now on, and who no more, by what has happened."""

    def __init__(self) -> None:
        self._begins: dict[tuple[str, UUID], Begun | None] = {}

    def note(self, rule: Rule, one: Happening, *, here: datetime) -> None:
        """Of a rule that the happening concerns; what was noted last of a record is so."""
        if rule.definition.levels:
            is_gone = one.event is Event.DELETED
            waits = matching.waits(rule.definition, one.after, is_gone=is_gone, here=here)
            since = matching.waits_since(rule.definition, one, here=here)
            occasion = "" if rule.definition.each else one.occasion
            begun = (one.subject.name, one.record_id, rule, since, occasion)
            self._begins[rule.key, one.record_id] = begun if waits else None

    def keep(self) -> None:
        """Begin to wait where a rule says so from now on; wait no more where it does not."""
        if self._begins:
            _forget([key for key, begun in self._begins.items() if begun is None])
            begin([begun for begun in self._begins.values() if begun is not None])


def _forget(keys: Sequence[tuple[str, UUID]]) -> None:
    if keys:
        db.session.execute(sql_delete(Deadline).where(tuple_(Deadline.rule, Deadline.record_id).in_(keys)))


def begin(begun: Sequence[Begun]) -> None:
    """One that runs already goes on: what was told once is not told again."""
    if not begun:
        return
    hours = queries.hours()
    added = [
        {
            "id": new_id(),
            "created_at": clock.now(),
            "rule": rule.key,
            "subject": subject,
            "record_id": record_id,
            "began_at": since,
            "level": 1,
            "due_at": _moment(hours, since, rule.definition.levels[0]),
            "occasion": occasion,
        }
        for subject, record_id, rule, since, occasion in begun
    ]
    db.session.execute(insert(Deadline).on_conflict_do_nothing(), added)
    relay.mark_due()


def _moment(hours: Hours, since: datetime, level: Level) -> datetime | None:
    """None where that moment never comes."""
    try:
        return hours.after(since, minutes=level.after)
    except NeverOpen:
        return None


def recompute() -> None:
    """Rules or business hours have changed: every deadline that runs gets the moment that follows from them now. Many
    are left to a worker.
    """
    _recompute_behind(_NOBODY)


@job
def go_on_recomputing(*, after: str) -> None:
    _recompute_behind(UUID(after))


def _recompute_behind(after: UUID) -> None:
    db.session.flush()
    found = queries.running(after, limit=_AT_ONCE)
    levels, hours = {rule.key: rule.definition.levels for rule in queries.all_rules()}, queries.hours()
    moved = []
    for one in found:
        due_at = next_moment(hours, one.began_at, levels.get(one.rule, ()), level=one.level)
        if due_at != one.due_at:
            moved.append({"id": one.id, "due_at": due_at})
    if moved:
        db.session.execute(update(Deadline), moved)
        relay.mark_due()
    if len(found) == _AT_ONCE:
        later(go_on_recomputing, after=str(found[-1].id))


def next_moment(hours: Hours, since: datetime, levels: Sequence[Level], *, level: int) -> datetime | None:
    """When this level, counted from 1 on, is told; None where there is none, or that moment never comes."""
    return _moment(hours, since, levels[level - 1]) if level <= len(levels) else None


def fire() -> bool:
    """Tell the next levels of what is overdue; whether there is more. What was done meanwhile is forgotten."""
    due = queries.due(clock.now(), limit=QUANTUM)
    if not due:
        return False
    rules = {rule.key: rule for rule in queries.active_rules()}
    known = _known(due)
    people, hours = queries.people({one.record_id for one in due}), queries.hours()
    told: list[Notice] = []
    for one in due:
        found, rule = known.get(one.record_id), rules.get(one.rule)
        if found is None or rule is None or not _still_waits(rule, found[1]):
            db.session.delete(one)
        else:
            told += _escalate(one, rule, found, people, hours)
    notifications.notify(told)
    return len(due) == QUANTUM


def _known(due: Sequence[Deadline]) -> Mapping[UUID, tuple[Subject, Known]]:
    found: dict[UUID, tuple[Subject, Known]] = {}
    for name in {one.subject for one in due}:
        subject = features.subject(name)
        if subject is not None:
            known = subject.read({one.record_id for one in due if one.subject == name})
            found |= {record_id: (subject, row) for record_id, row in known.items()}
    return found


def _still_waits(rule: Rule, known: Known) -> bool:
    here = clock.local(clock.now())
    return matching.waits(rule.definition, known.values, is_gone=known.is_gone, here=here)


def _escalate(
    deadline: Deadline, rule: Rule, found: tuple[Subject, Known], people: People, hours: Hours
) -> Sequence[Notice]:
    """After an outage several levels may be overdue: all of their people are told, once."""
    now, levels = clock.now(), rule.definition.levels
    moments = [_moment(hours, deadline.began_at, level) for level in levels]
    reached = [at for at in range(deadline.level - 1, len(levels)) if (moment := moments[at]) and moment <= now]
    if not reached:
        # The business hours or the rule's times have changed meanwhile.
        deadline.due_at = next_moment(hours, deadline.began_at, levels, level=deadline.level)
        return []
    told = list(_late(deadline, rule, found, people, [levels[at].telling for at in reached]))
    deadline.level = reached[-1] + 2
    deadline.due_at = moments[reached[-1] + 1] if reached[-1] + 1 < len(levels) else None
    return told


def _late(
    deadline: Deadline, rule: Rule, found: tuple[Subject, Known], people: People, tellings: Sequence[Telling]
) -> Iterator[Notice]:
    subject, known = found
    level = deadline.level + len(tellings) - 1
    by_mail: dict[UUID, Telling] = {}
    for telling in tellings:
        for user_id in matching.addressees(telling, subject, known.values, deadline.record_id, people):
            by_mail[user_id] = telling
    for user_id, telling in by_mail.items():
        if subject.permission in access.permissions_of(people.roles[user_id]):
            yield Notice(
                key=f"{deadline.id}:{level}:{user_id}",
                occasion=deadline.occasion,
                user_id=user_id,
                rule=rule.key,
                reason=rule.reason,
                event=Event.LATE,
                level=level,
                subject=subject.name,
                record_id=deadline.record_id,
                title=known.title,
                at=clock.now(),
                channels=telling.channels,
            )
