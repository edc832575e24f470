"""Notifications in words: in the inbox and in mails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext

from app.core.features import features
from app.core.fields import Text
from app.core.subjects import Subject
from app.notifications.models import Event, Notification

_names: dict[str, Text] = {}
_own: dict[str, Subject] = {}


def name_rule(key: str, name: Text) -> None:
    """What a rule is called that everybody has, in the language of whoever reads it."""
    _names[key] = name


def tell_of(subject: Subject) -> None:
    """What only Kontor itself tells people of: no rule can be about it."""
    _own[subject.name] = subject


def subject_of(notification: Notification) -> Subject | None:
    """None where nobody knows such things any more."""
    return _own.get(notification.subject) or features.subject(notification.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
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
        headline=headline,
        sentence=sentence,
        rule=str(notification.reason or _names.get(notification.rule, "")),
        icon=subject.icon if subject else "bell",
    )


def _words(notification: Notification, who: str) -> tuple[str, str]:
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
