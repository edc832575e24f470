"""Every change, once: which rules it meets, whom they tell, what must happen until when. A worker's turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from app.core import access
from app.core.features import features
from app.core.subjects import Subject
from app.escalation import deadlines, happenings, matching, queries
from app.escalation.matching import Happening, People
from app.escalation.rules import Rule
from app.escalation.setting_aside import READING, Tray
from app.notifications import actions as notifications
from app.notifications import telling as telling_words
from app.notifications.actions import Notice
from tenants import clock, routing
from tenants.context import Origin, tenant_scope
from tenants.db import db, unit_of_work
from tenants.isolation import Isolated
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

    take: Callable[[Sequence[Happening], bool], None]
    """(what happened, whether the next turn may bring more of the same transaction)"""
    name: str
    """Under it is set aside what fails."""


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


def _tell(changes: Sequence[Row[Any]]) -> None:
    rules, wanted, tray = queries.active_rules(), [(taker, taker.wants()) for taker in _takers], Tray()
    subjects = _subjects(rules, frozenset().union(*(names for _, names in wanted)))
    if found := happenings.read(changes, subjects, tray):
        _apply(rules, found, tray)
        for taker, names in wanted:
            own = [one for one in found if one.subject.name in names]
            _give(taker, own, tray, goes_on=len(changes) == QUANTUM)
    notifications.name_occasions(occasions(changes))
    tray.keep()


def tell_again(change: Row[Any], by: str, tray: Tray) -> None:
    """One change, to one rule or taker that could not deal with it before; or to all, where it could not be read."""
    rules = [one for one in queries.active_rules() if by in (one.key, READING)]
    takers = [one for one in _takers if by in (one.name, READING)]
    subjects = _subjects(rules, frozenset().union(*(taker.wants() for taker in takers)))
    found = happenings.read([change], subjects, tray)
    _apply(rules, found, tray)
    for taker in takers:
        names = taker.wants()
        _give(taker, [one for one in found if one.subject.name in names], tray, goes_on=False)


def _apply(rules: Sequence[Rule], found: Sequence[Happening], tray: Tray) -> None:
    people, here = queries.people({one.record_id for one in found}), clock.local(clock.now())
    told: list[Notice] = []
    begins = deadlines.Begins()
    for one in found:
        for rule in rules:
            if not matching.concerns(rule.definition, one.subject):
                continue
            if tray.is_given_up(rule.key):
                tray.put(one.change_id, rule.key)
                continue
            with tray.trying(one.change_id, rule.key):
                named = list(notices(one, [rule], people, here))
                begins.note(rule, one, here=here)
                told += named
    notifications.notify(told)
    begins.keep()


def _give(taker: Taker, own: Sequence[Happening], tray: Tray, *, goes_on: bool) -> None:
    """All at once; where that fails one record after the other, to find the one with which it does."""
    if not own:
        return
    with Isolated("forwarding", rule=taker.name) as at_once, db.session.begin_nested():
        taker.take(own, goes_on)
    if at_once.error is None:
        return
    for some in _by_record(own):
        with tray.trying(some[0].change_id, taker.name), db.session.begin_nested():
            taker.take(some, goes_on)


def _by_record(own: Sequence[Happening]) -> Sequence[Sequence[Happening]]:
    found: dict[tuple[UUID, str], list[Happening]] = {}
    for one in own:
        found.setdefault((one.record_id, one.group), []).append(one)
    return list(found.values())


def occasions(changes: Sequence[Row[Any]]) -> dict[str, tuple[str, UUID]]:
    """By occasion, where it has a page of its own: as what, and its id."""
    pages = telling_words.pages()
    return {one.request: (one.table_name, one.record_id) for one in changes if one.request and one.table_name in pages}


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
            yield from _to_each(happening, rule, people)


def _to_each(happening: Happening, rule: Rule, people: People) -> Iterator[Notice]:
    """Nobody is told of what they did themselves, or may not see."""
    telling = rule.definition.telling
    named = matching.addressees(telling, happening.subject, happening.after, happening.record_id, people)
    for user_id in named - {happening.actor}:
        if happening.subject.permission in access.permissions_of(people.roles[user_id]):
            yield Notice(
                key=f"{happening.record_id}:{happening.group}:{user_id}",
                occasion="" if rule.definition.each else happening.occasion,
                goes_on=happening.goes_on,
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
