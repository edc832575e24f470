"""Notifications in words: in the inbox and in mails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext, ngettext

from app.core.features import features
from app.core.fields import Text
from app.core.subjects import Subject
from app.notifications.models import Event, Notification

_names: dict[str, Text] = {}
_own: dict[str, Subject] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class OccasionPage:
    label: Text
    url: Callable[[UUID], str]


_pages: dict[str, OccasionPage] = {}


def lead_to(table: str, page: OccasionPage) -> None:
    """What changes this table together with many records has a page that tells more of them: an import."""
    _pages[table] = page


def pages() -> Mapping[str, OccasionPage]:
    return _pages


def name_rule(key: str, name: Text) -> None:
    """What a rule is called that everybody has, in the language of whoever reads it."""
    _names[key] = name


def tell_of(subject: Subject) -> None:
    """What only Kontor itself tells people of: no rule can be about it."""
    _own[subject.name] = subject


def subject_of(notification: Notification) -> Subject | None:
    """None where nobody knows such things any more."""
    return subject_named(notification.subject)


def subject_named(name: str) -> Subject | None:
    return _own.get(name) or features.subject(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    title: str
    """What the record was called then; of many, how many they are."""

    headline: str
    """In two or three words."""

    sentence: str
    rule: str
    icon: str


def say(notification: Notification, names: Mapping[UUID, str]) -> Said:
    """``names``: of those who did something, by their ids."""
    who = names.get(notification.actor_id, "Kontor") if notification.actor_id else "Kontor"
    headline, sentence = _words(notification, who)
    subject = subject_of(notification)
    return Said(
        title=_title(notification, subject),
        headline=headline,
        sentence=sentence,
        rule=str(notification.reason or _names.get(notification.rule, "")),
        icon=subject.icon if subject else "bell",
    )


def _title(notification: Notification, subject: Subject | None) -> str:
    if notification.number == 1:
        return notification.title
    kinds = str(subject.plural) if subject is not None else gettext("Records of several kinds")
    return gettext("%(kinds)s: %(number)d", kinds=kinds, number=notification.number)


def _words(notification: Notification, who: str) -> tuple[str, str]:
    if notification.number > 1:
        return _words_of_many(notification, who)
    subject = subject_of(notification)
    if subject is not None and notification.event is Event.CREATED and subject.addressed:
        return str(subject.addressed), str(subject.addressed_by) % {"who": who}
    match notification.event:
        case Event.CREATED:
            return gettext("New"), gettext("%(who)s has entered this.", who=who)
        case Event.CHANGED:
            return gettext("Changed"), gettext("%(who)s has changed this.", who=who)
        case Event.DELETED:
            return gettext("Deleted"), gettext("%(who)s has moved this to the recycle bin.", who=who)
        case Event.LATE:
            late = gettext(
                "Nobody has acted on this in time; it has reached level %(level)d.", level=notification.level
            )
            return gettext("Overdue"), late


def _words_of_many(notification: Notification, who: str) -> tuple[str, str]:
    number = notification.number
    match notification.event:
        case Event.CREATED:
            said = ngettext(
                "%(who)s has entered %(num)d record.", "%(who)s has entered %(num)d records.", number, who=who
            )
            return gettext("New"), said
        case Event.DELETED:
            said = ngettext(
                "%(who)s has moved %(num)d record to the recycle bin.",
                "%(who)s has moved %(num)d records to the recycle bin.",
                number,
                who=who,
            )
            return gettext("Deleted"), said
        case Event.LATE:
            return gettext("Overdue"), _many_are_late(number, notification.level)
        case _:
            said = ngettext(
                "%(who)s has changed %(num)d record.", "%(who)s has changed %(num)d records.", number, who=who
            )
            return gettext("Changed"), said


def _many_are_late(number: int, level: int) -> str:
    return ngettext(
        "Nobody has acted on %(num)d record in time; it has reached level %(level)d.",
        "Nobody has acted on %(num)d records in time; they have reached level %(level)d.",
        number,
        level=level,
    )
