"""Rules as values: of what, when, whom to tell, and who is told next when nothing happens. They know neither SQL nor
requests; stored they are JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.core import conditions
from app.core.conditions import Condition
from app.core.fields import Text
from app.notifications.models import Channel, Event
from tenants.errors import Invalid
from tenants.models import Role

ALWAYS = Condition()
EVERYTHING = ""
"""In the place of a subject: every kind of record."""

FOLLOWERS = "followers"
MOST_LEVELS = 6
MOST_ADDRESSEES = 20
MOST_FIELDS = 100
LONGEST_WAIT = 60 * 24 * 90
"""Minutes of business hours."""

EVENTS = (Event.CREATED, Event.CHANGED, Event.DELETED)


class AddresseeKind(StrEnum):
    """How an addressee is written: ``person:assignee``, ``role:admin``, ``user:<id>``, ``followers``."""

    PERSON = "person"
    ROLE = "role"
    USER = "user"


class UnreadableRule(Invalid):
    """This rule cannot be understood."""

    code = "rule_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Whom to tell, and how."""

    to: tuple[str, ...]
    by_mail: bool = False

    @property
    def channels(self) -> tuple[Channel, ...]:
        return (Channel.IN_APP, Channel.MAIL) if self.by_mail else (Channel.IN_APP,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    after: int
    """Minutes of business hours since it began."""

    telling: Telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    subject: str
    events: frozenset[Event] = frozenset()
    condition: Condition = ALWAYS
    """What must be so of the row as it is afterwards."""

    fields: frozenset[str] = frozenset()
    """One of these must have changed; any, where none is named."""

    telling: Telling = Telling(to=())
    each: bool = False
    """Whether many records that came at once, as by an import, are told one by one; otherwise as one sum."""

    until: Condition = ALWAYS
    """What ends the waiting for the levels."""

    levels: tuple[Level, ...] = ()

    @property
    def addressees(self) -> Sequence[str]:
        """Whomever it tells, at once or later."""
        return [*self.telling.to, *(one for level in self.levels for one in level.telling.to)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    key: str
    """The id of its row, or the name of one that everybody starts with."""

    name: Text
    definition: Definition
    active: bool = True
    problem: str = ""

    @property
    def reason(self) -> str:
        """What it is called, where that is no translated text."""
        return self.name if isinstance(self.name, str) else ""


def parse(written: Mapping[str, Any]) -> Definition:
    """From JSON. Raises UnreadableRule, UnreadableCondition."""
    try:
        levels = tuple(
            Level(after=int(one["after"]), telling=_telling(one)) for one in written.get("levels", [])[:MOST_LEVELS]
        )
        found = Definition(
            subject=str(written["subject"]),
            events=frozenset(Event(name) for name in written.get("events", [])),
            condition=conditions.parse(written.get("when", {"all": []})),
            fields=frozenset(map(str, written.get("fields", []))),
            telling=_telling(written),
            each=written.get("each") is True,
            until=conditions.parse(written.get("until", {"all": []})),
            levels=tuple(sorted(levels, key=lambda level: level.after)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UnreadableRule from error
    _check(found)
    return found


def _telling(written: Mapping[str, Any]) -> Telling:
    named = dict.fromkeys(map(str, written.get("to", [])[:MOST_ADDRESSEES]))
    return Telling(to=tuple(named), by_mail=written.get("mail") is True)


def _check(found: Definition) -> None:
    waits = [level.after for level in found.levels]
    if not found.events <= set(EVENTS) or len(set(waits)) < len(waits):
        raise UnreadableRule
    if any(not 0 < wait <= LONGEST_WAIT for wait in waits) or (waits and not found.until):
        raise UnreadableRule
    if not (found.telling.to or waits) or not all(level.telling.to for level in found.levels):
        raise UnreadableRule
    tellings = (found.telling, *(level.telling for level in found.levels))
    if len(found.fields) > MOST_FIELDS or not all(is_addressee(one) for telling in tellings for one in telling.to):
        raise UnreadableRule


def is_addressee(written: str) -> bool:
    """Whether it is written as an addressee is. The people of a subject are known to the subject alone."""
    kind, _, which = written.partition(":")
    match kind:
        case AddresseeKind.PERSON:
            return bool(which)
        case AddresseeKind.ROLE:
            return which in set(Role)
        case AddresseeKind.USER:
            return _is_id(which)
        case _:
            return written == FOLLOWERS


def _is_id(written: str) -> bool:
    try:
        return str(UUID(written)) == written
    except ValueError:
        return False


def dump(definition: Definition) -> dict[str, Any]:
    """As JSON that ``parse`` understands."""
    return {
        "subject": definition.subject,
        "events": sorted(definition.events),
        "when": conditions.dump(definition.condition),
        "fields": sorted(definition.fields),
        **_dumped(definition.telling),
        **({"each": True} if definition.each else {}),
        "until": conditions.dump(definition.until),
        "levels": [{"after": level.after, **_dumped(level.telling)} for level in definition.levels],
    }


def _dumped(telling: Telling) -> dict[str, Any]:
    return {"to": list(telling.to), "mail": telling.by_mail}
