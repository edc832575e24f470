"""The rules that everybody starts with. A firm that changes or switches one off keeps its own row instead."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import NAMESPACE_URL, UUID, uuid5

from flask_babel import lazy_gettext as _l

from app.core.conditions import Condition, Operator, Test
from app.escalation.rules import EVERYTHING, FOLLOWERS, Definition, Level, Rule, Telling
from app.notifications import telling
from app.notifications.models import Event

_ADMINS = ("role:owner", "role:admin")
_HOUR = 60


def _all(*tests: Test) -> Condition:
    return Condition(tuple((test,) for test in tests))


_RULES = (
    Rule(
        key="new-complaint",
        name=_l("A complaint comes in"),
        definition=Definition(
            subject="complaint",
            events=frozenset({Event.CREATED}),
            telling=Telling(to=("person:assignee", *_ADMINS), by_mail=True),
        ),
    ),
    Rule(
        key="complaint-waits",
        name=_l("Nobody acknowledges a complaint"),
        definition=Definition(
            subject="complaint",
            events=frozenset({Event.CREATED, Event.CHANGED}),
            condition=_all(Test("state", Operator.ONE_OF, ("open",))),
            until=_all(Test("state", Operator.NONE_OF, ("open",))),
            levels=(
                Level(after=2 * _HOUR, telling=Telling(to=("person:assignee", "role:admin"), by_mail=True)),
                Level(after=8 * _HOUR, telling=Telling(to=("role:owner",), by_mail=True)),
            ),
        ),
    ),
    Rule(
        key="complaint-assigned",
        name=_l("A complaint is given to somebody"),
        definition=Definition(
            subject="complaint",
            events=frozenset({Event.CHANGED}),
            fields=frozenset({"assignee_id"}),
            telling=Telling(to=("person:assignee",), by_mail=True),
        ),
    ),
    Rule(
        key="task-assigned",
        name=_l("A task is given to somebody"),
        definition=Definition(
            subject="task",
            events=frozenset({Event.CREATED, Event.CHANGED}),
            fields=frozenset({"assignee_id"}),
            telling=Telling(to=("person:assignee",), by_mail=True),
        ),
    ),
    Rule(
        key="mentioned",
        name=_l("Somebody is mentioned"),
        definition=Definition(
            subject="mention",
            events=frozenset({Event.CREATED}),
            telling=Telling(to=("person:mentioned",), by_mail=True),
        ),
    ),
    Rule(
        key="followed",
        name=_l("Something changes that somebody follows"),
        definition=Definition(
            subject=EVERYTHING,
            events=frozenset({Event.CHANGED, Event.DELETED}),
            telling=Telling(to=(FOLLOWERS,)),
        ),
    ),
)

BY_KEY: Mapping[str, Rule] = {rule.key: rule for rule in _RULES}


def id_of(key: str) -> UUID:
    """Of the row that a firm keeps instead of such a rule: known before there is one, so that two make it once."""
    return uuid5(NAMESPACE_URL, f"kontor:rule:{key}")


BY_ID: Mapping[UUID, Rule] = {id_of(rule.key): rule for rule in _RULES}

for _rule in _RULES:
    telling.name_rule(_rule.key, _rule.name)
