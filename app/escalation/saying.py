"""Rules in plain sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.core import wording
from app.core.conditions import Condition, Test
from app.core.features import features
from app.core.fields import Text
from app.core.subjects import Subject
from app.escalation import offering
from app.escalation.matching import Verdict
from app.escalation.rules import EVENTS, Definition, Level, Telling
from app.notifications.models import Event

EVENT_NAMES: Mapping[Event, Text] = {
    Event.CREATED: _l("entered"),
    Event.CHANGED: _l("changed"),
    Event.DELETED: _l("deleted"),
}
VERDICTS: Mapping[Verdict, Text] = {
    Verdict.TELLS: _l("It tells of this."),
    Verdict.NAMES_NOBODY: _l("Not at once: it only waits for what is not done in time."),
    Verdict.OTHER_EVENT: _l("Not told: this is none of the occasions of the rule."),
    Verdict.OTHER_FIELDS: _l("Not told: none of the named fields changed."),
    Verdict.CONDITION: _l("Not told: the conditions did not hold."),
}
_MINUTES_AN_HOUR = 60


def sentences(definition: Definition) -> Iterator[str]:
    """What it does, from the occasion to the last level."""
    subject = features.subject(definition.subject)
    if definition.telling.to:
        yield from _occasion(definition, subject)
    if definition.condition:
        yield gettext("Only where this holds: %(condition)s.", condition=condition(definition.condition, subject))
    if definition.telling.to:
        yield telling(definition.telling, subject)
        if definition.each:
            yield gettext("Each one by itself, also where many come at once.")
    if definition.levels:
        until = condition(definition.until, subject)
        yield gettext("As long as this does not hold: %(condition)s, the next level is told in time.", condition=until)
        yield from (level(one, subject) for one in definition.levels)


def _occasion(definition: Definition, subject: Subject | None) -> Iterator[str]:
    name = offering.subject_name(subject)
    yield gettext("%(subject)s: when something is %(events)s.", subject=name, events=events(definition.events))
    if definition.fields:
        yield gettext("Only when this has changed: %(fields)s.", fields=fields(definition.fields, subject))


def events(named: Collection[Event]) -> str:
    return wording.either([str(EVENT_NAMES[one]) for one in EVENTS if one in named]) if named else ""


def known_events(written: Collection[str]) -> list[Event]:
    return [one for one in EVENTS if one in written]


def fields(names: Collection[str], subject: Subject | None) -> str:
    known = dict(offering.fields(subject))
    return ", ".join(known.get(name, name) for name in sorted(names))


def condition(asked: Condition, subject: Subject | None) -> str:
    """Group by group."""
    return "; ".join(wording.either([_test(test, subject) for test in group]) for group in asked.groups)


def _test(test: Test, subject: Subject | None) -> str:
    criterion = offering.criteria(subject).get(test.field)
    if criterion is None:
        return gettext("something that is not known here any more")
    return wording.said(criterion, test.operator, test.values)


def telling(to_whom: Telling, subject: Subject | None) -> str:
    people = offering.named(subject, to_whom.to)
    if to_whom.by_mail:
        return gettext("Tells in Kontor and by mail: %(people)s.", people=people)
    return gettext("Tells in Kontor: %(people)s.", people=people)


def level(one: Level, subject: Subject | None) -> str:
    people, wait = offering.named(subject, one.telling.to), span(one.after)
    if one.telling.by_mail:
        return gettext("After %(wait)s, in Kontor and by mail: %(people)s.", wait=wait, people=people)
    return gettext("After %(wait)s, in Kontor: %(people)s.", wait=wait, people=people)


def span(minutes: int) -> str:
    """Of business hours."""
    hours, rest = divmod(minutes, _MINUTES_AN_HOUR)
    if not rest:
        return ngettext("%(num)d business hour", "%(num)d business hours", hours)
    return ngettext("%(num)d minute of business hours", "%(num)d minutes of business hours", minutes)


def levels(many: Sequence[Level], subject: Subject | None) -> str:
    return " ".join(level(one, subject) for one in many)
