"""What the pages of webhooks call things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row

from app.core.features import features
from app.core.fields import Text
from app.notifications import troubles
from app.notifications.models import DeliveryState, Event
from app.webhooks.making import RESTORED, SAID, TEST

EVENTS: Mapping[Event, Text] = {
    Event.CREATED: _l("Something new is entered"),
    Event.CHANGED: _l("Something is changed"),
    Event.DELETED: _l("Something is deleted"),
}

_STATES: Mapping[DeliveryState, tuple[Text, str]] = {
    DeliveryState.PENDING: (_l("waits"), "plain"),
    DeliveryState.SENDING: (_l("is being sent"), "plain"),
    DeliveryState.SENT: (_l("delivered"), "good"),
    DeliveryState.DROPPED: (_l("not wanted any more"), "plain"),
    DeliveryState.DEAD: (_l("given up"), "bad"),
}


def kinds() -> list[tuple[str, str]]:
    """(name, what it is called) of all of which a webhook can be told."""
    return [(subject.name, str(subject.plural)) for subject in features.subjects()]


def events() -> list[tuple[str, str]]:
    return [(event.value, str(text)) for event, text in EVENTS.items()]


def said_kinds(names: Sequence[str]) -> str:
    return ", ".join(label for name, label in kinds() if name in names)


def what(type_: str) -> str:
    """ "contact.updated" in words."""
    if type_ == TEST:
        return gettext("Test")
    kind, _, said = type_.rpartition(".")
    subject = features.subject(kind)
    words = {
        SAID[Event.CREATED]: gettext("new"),
        SAID[Event.CHANGED]: gettext("changed"),
        SAID[Event.DELETED]: gettext("deleted"),
        RESTORED: gettext("restored from the recycle bin"),
    }
    return f"{subject.label if subject else kind}: {words[said]}"


def state(row: Row[Any]) -> tuple[str, str]:
    """(in a word, how it looks)"""
    text, tone = _STATES[row.state]
    if row.state is DeliveryState.PENDING and row.error:
        return gettext("is tried again"), "warn"
    return str(text), tone


def answer(row: Row[Any]) -> str:
    if row.answer is not None:
        return gettext("Answer: %(status)d", status=row.answer)
    return troubles.of_webhook(row.error) if row.error else ""
