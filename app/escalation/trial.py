"""What a rule would have done: with what the journal knows, and by the same matching as when it is at work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from app.core.features import features
from app.escalation import deadlines, forwarding, happenings, matching, queries
from app.escalation.hours import Hours
from app.escalation.matching import Happening, People, Verdict
from app.escalation.rules import Rule
from app.notifications.models import Event
from tenants import clock, routing

DAYS = 30
MOST_CHANGES = 5000
"""So far back it is looked at most."""

SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class Told:
    title: str
    at: datetime
    event: Event
    level: int
    people: frozenset[UUID]
    occasion: str = ""
    """What is told together with others, as one notice to each."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    people: int
    notices: int
    latest: Sequence[Told]
    events: Sequence[tuple[Happening, Verdict]]
    """The latest of what it is about, with what became of it."""


@dataclass(kw_only=True)
class _Waiting:
    """A record that waits for something."""

    happening: Happening
    since: datetime
    told: int = field(default=0)


def run(rule: Rule) -> Trial:
    """In a bounded number of statements, whatever the rule says."""
    since = clock.now() - timedelta(days=DAYS)
    concerned = [one for one in features.subjects() if matching.concerns(rule.definition, one)]
    changes = routing.latest(happenings.told_by(concerned), since=since, most=MOST_CHANGES)
    found = happenings.past(changes, concerned)
    people, hours = queries.people({one.record_id for one in found}), queries.hours()
    every = [*_at_once(rule, found, people), *_late(rule, found, people, hours)]
    told = sorted((one for one in every if one.at >= since and one.people), key=lambda one: one.at)
    return Trial(
        people=len({user_id for one in told for user_id in one.people}),
        notices=len({(one.occasion or at, user_id) for at, one in enumerate(told) for user_id in one.people}),
        latest=told[: -SHOWN - 1 : -1],
        events=[(one, _judged(rule, one)) for one in found[: -SHOWN - 1 : -1]],
    )


def _judged(rule: Rule, happening: Happening) -> Verdict:
    return matching.judge(rule.definition, happening, here=clock.local(happening.at))


def _at_once(rule: Rule, found: Sequence[Happening], people: People) -> Iterator[Told]:
    for one in found:
        notices = list(forwarding.notices(one, [rule], people, clock.local(one.at)))
        if notices:
            named = frozenset(notice.user_id for notice in notices)
            occasion = "" if rule.definition.each else one.occasion
            yield Told(title=one.title, at=one.at, event=one.event, level=0, people=named, occasion=occasion)


def _late(rule: Rule, found: Sequence[Happening], people: People, hours: Hours) -> Iterator[Told]:
    """Who would have been told because nobody did what the rule waits for."""
    waiting: dict[UUID, _Waiting] = {}
    for one in found if rule.definition.levels else ():
        here, is_gone = clock.local(one.at), one.event is Event.DELETED
        begun = waiting.get(one.record_id)
        if begun is not None:
            yield from _levels(rule, begun, people, hours, until=one.at)
        if not matching.waits(rule.definition, one.after, is_gone=is_gone, here=here):
            waiting.pop(one.record_id, None)
        elif begun is not None:
            begun.happening = one
        else:
            waits_since = matching.waits_since(rule.definition, one, here=here)
            waiting[one.record_id] = _Waiting(happening=one, since=waits_since)
    for left in waiting.values():
        yield from _levels(rule, left, people, hours, until=clock.now())


def _levels(rule: Rule, begun: _Waiting, people: People, hours: Hours, *, until: datetime) -> Iterator[Told]:
    levels, one = rule.definition.levels, begun.happening
    while begun.told < len(levels):
        moment = deadlines.next_moment(hours, begun.since, levels, level=begun.told + 1)
        if moment is None or moment > until:
            return
        telling = levels[begun.told].telling
        named = frozenset(matching.addressees(telling, one.subject, one.after, one.record_id, people))
        begun.told += 1
        yield Told(title=one.title, at=moment, event=Event.LATE, level=begun.told, people=named)
