"""Every change, once: which rules it meets, whom they tell, what must happen until when. A worker's turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row

from app.core import access
from app.core.features import features
from app.core.subjects import Subject
from app.escalation import deadlines, happenings, matching, queries
from app.escalation.matching import Happening, People
from app.escalation.rules import Rule, Telling
from app.notifications import actions as notifications
from app.notifications.actions import Notice
from tenants import clock, routing
from tenants.context import Origin, tenant_scope
from tenants.db import unit_of_work
from tenants.models import Tenant
from tenants.routing import Busy
from tenants.turns import Left

QUANTUM = 250
"""Changes that one tenant forwards before others have their turn."""


@dataclass(frozen=True, kw_only=True)
class Taker:
    """Whoever else is given what happened, in the transaction in which it is taken up."""

    wants: Callable[[], frozenset[str]]
    """Names of the subjects that matter to it at present."""

    take: Callable[[Sequence[Happening]], None]
    """What fails here comes again, and holds up the whole firm meanwhile."""


_takers: list[Taker] = []


def give_to(taker: Taker) -> None:
    _takers.append(taker)


def forward(tenant: Tenant) -> Left:
    """Taken up, told and given a deadline in one transaction: killed at any moment, it is as if it had not begun."""
    with tenant_scope(tenant.scope(), origin=Origin(source="forwarding")), unit_of_work():
        try:
            changes = routing.take(QUANTUM)
        except Busy:
            return Left.UNKNOWN
        if changes:
            _tell(changes)
        return Left.MORE if routing.has_more() else Left.NOTHING


def _tell(changes: Sequence[Row[tuple[object, ...]]]) -> None:
    rules, wanted = queries.active_rules(), [(taker, taker.wants()) for taker in _takers]
    found = happenings.read(changes, _subjects(rules, frozenset().union(*(names for _, names in wanted))))
    if not found:
        return
    people, here = queries.people({one.record_id for one in found}), clock.local(clock.now())
    notifications.notify([notice for one in found for notice in notices(one, rules, people, here)])
    deadlines.follow(found, rules, here=here)
    for taker, names in wanted:
        if own := [one for one in found if one.subject.name in names]:
            taker.take(own)


def _subjects(rules: Sequence[Rule], wanted: frozenset[str]) -> list[Subject]:
    return [
        one
        for one in features.subjects()
        if one.name in wanted or any(matching.concerns(rule.definition, one) for rule in rules)
    ]


def notices(happening: Happening, rules: Sequence[Rule], people: People, here: datetime) -> Iterator[Notice]:
    """Who is told at once of what happened."""
    for rule in rules:
        definition = rule.definition
        if matching.concerns(definition, happening.subject) and matching.is_met(definition, happening, here=here):
            yield from _to_each(happening, rule, definition.telling, people)


def _to_each(happening: Happening, rule: Rule, telling: Telling, people: People) -> Iterator[Notice]:
    """Nobody is told of what they did themselves, or may not see."""
    named = matching.addressees(telling, happening.subject, happening.after, happening.record_id, people)
    for user_id in named - {happening.actor}:
        if happening.subject.permission in access.permissions_of(people.roles[user_id]):
            yield Notice(
                key=f"{happening.record_id}:{happening.group}:{user_id}",
                user_id=user_id,
                rule=rule.key,
                reason=rule.reason,
                event=happening.event,
                subject=happening.subject.name,
                record_id=happening.record_id,
                title=happening.title,
                change_id=happening.change_id,
                actor_id=happening.actor,
                at=happening.at,
                channels=telling.channels,
            )
