"""Which rules a change meets, and whom they name. Pure: what is known of the rows is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.core.conditions import Condition
from app.core.holding import holds
from app.core.subjects import Subject
from app.escalation.rules import EVERYTHING, FOLLOWERS, AddresseeKind, Definition, Telling
from app.notifications.models import Event
from tenants.models import Role


@dataclass(frozen=True, kw_only=True)
class Happening:
    """What a change did to a row that rules can be about."""

    subject: Subject
    record_id: UUID
    event: Event
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    changed: frozenset[str]
    title: str
    at: datetime
    change_id: UUID
    actor: UUID | None
    group: str
    """The same for changes of one transaction: of one record they are told as one."""

    occasion: str
    """The same for all that came of one thing a person did: an import, a change of many records."""

    goes_on: bool
    """Whether more may come of it: it is done by jobs, one after the other."""


@dataclass(frozen=True, kw_only=True)
class People:
    """Who works here, and who follows what."""

    roles: Mapping[UUID, Role]
    """Of everybody who is active."""

    followers: Mapping[UUID, frozenset[UUID]]


def concerns(definition: Definition, subject: Subject) -> bool:
    return definition.subject == subject.name or (definition.subject == EVERYTHING and subject.is_record)


class Verdict(StrEnum):
    """Whether a rule tells of something at once, or why it does not."""

    TELLS = "tells"
    NAMES_NOBODY = "names_nobody"
    OTHER_EVENT = "other_event"
    OTHER_FIELDS = "other_fields"
    CONDITION = "condition"


def judge(definition: Definition, happening: Happening, *, here: datetime) -> Verdict:
    if not definition.telling.to:
        return Verdict.NAMES_NOBODY
    if happening.event not in definition.events:
        return Verdict.OTHER_EVENT
    if not _concerns_fields(definition, happening):
        return Verdict.OTHER_FIELDS
    return Verdict.TELLS if holds(definition.condition, happening.after, here=here) else Verdict.CONDITION


def _concerns_fields(definition: Definition, happening: Happening) -> bool:
    return not definition.fields or bool(definition.fields & happening.changed)


def is_met(definition: Definition, happening: Happening, *, here: datetime) -> bool:
    """Whether the rule tells somebody at once."""
    return judge(definition, happening, here=here) is Verdict.TELLS


def waits(definition: Definition, values: Mapping[str, Any], *, is_gone: bool, here: datetime) -> bool:
    """Whether something still has to happen with the row, or the levels are told."""
    return (
        bool(definition.levels)
        and not is_gone
        and holds(definition.condition, values, here=here)
        and not holds(definition.until, values, here=here)
    )


def waits_since(definition: Definition, happening: Happening, *, here: datetime) -> datetime:
    """What was done already and is taken back waits from then on. Everything else, as a priority that changed, keeps
    the time that has passed since the record was entered.
    """
    was_done = (
        happening.before is not None
        and happening.event is not Event.CREATED
        and _is_set(definition.until)
        and holds(definition.until, happening.before, here=here)
    )
    moment = happening.after.get("updated_at" if was_done else "created_at")
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found or happening.at


def _is_set(condition: Condition) -> bool:
    return bool(condition.groups)


def addressees(
    telling: Telling, subject: Subject, values: Mapping[str, Any], record_id: UUID, people: People
) -> set[UUID]:
    """The active users whom it names."""
    named = {one for written in telling.to for one in _named(written, subject, values, record_id, people)}
    return {user_id for user_id in named if user_id in people.roles}


def _named(
    written: str, subject: Subject, values: Mapping[str, Any], record_id: UUID, people: People
) -> Iterator[UUID]:
    kind, _, which = written.partition(":")
    if written == FOLLOWERS:
        yield from people.followers.get(record_id, ())
    elif kind == AddresseeKind.ROLE:
        yield from (user_id for user_id, role in people.roles.items() if role == which)
    elif kind == AddresseeKind.USER:
        yield UUID(which)
    elif kind == AddresseeKind.PERSON:
        for person in subject.people:
            value = values.get(person.column)
            if person.name == which and value is not None:
                yield UUID(str(value))
