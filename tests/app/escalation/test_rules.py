"""Rules as values: what is kept of them is what was meant, and nothing hostile gets in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.conditions import Condition, Operator, Test, UnreadableCondition
from app.escalation import defaults, rules
from app.escalation.rules import EVENTS, LONGEST_WAIT, Definition, Level, Telling, UnreadableRule

texts = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=12)
tests = st.one_of(
    st.builds(Test, texts, st.sampled_from([Operator.CONTAINS, Operator.IS]), st.tuples(texts)),
    st.builds(Test, texts, st.just(Operator.ONE_OF), st.lists(texts, min_size=1, max_size=3).map(tuple)),
    st.builds(Test, texts, st.just(Operator.EMPTY)),
)
conditions = st.lists(st.lists(tests, min_size=1, max_size=2).map(tuple), max_size=3).map(tuple).map(Condition)
addressees = st.one_of(
    st.just("followers"),
    st.sampled_from(["role:owner", "role:admin", "role:member"]),
    st.uuids().map(lambda one: f"user:{one}"),
    texts.map(lambda name: f"person:{name}"),
)
people = st.lists(addressees, min_size=1, max_size=4, unique=True).map(tuple)
tellings = st.builds(Telling, to=people, by_mail=st.booleans())


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    waits = sorted(draw(st.sets(st.integers(1, LONGEST_WAIT), max_size=4)))
    until = draw(conditions.filter(bool)) if waits else draw(conditions)
    return Definition(
        subject=draw(texts),
        events=draw(st.frozensets(st.sampled_from(EVENTS))),
        condition=draw(conditions),
        fields=draw(st.frozensets(texts, max_size=3)),
        telling=draw(tellings),
        until=until,
        levels=tuple(Level(after=wait, telling=draw(tellings)) for wait in waits),
    )


@given(definitions())
def test_what_is_kept_of_a_rule_is_what_was_meant(definition: Definition) -> None:
    assert rules.parse(rules.dump(definition)) == definition


def test_the_rules_that_everybody_starts_with_can_be_kept_too() -> None:
    assert [rules.parse(rules.dump(one.definition)) for one in defaults.BY_KEY.values()] == [
        one.definition for one in defaults.BY_KEY.values()
    ]


FAIR: dict[str, Any] = {"subject": "complaint", "events": ["created"], "to": ["role:owner"]}
WAITING: dict[str, Any] = {**FAIR, "until": {"field": "state", "op": "empty"}}


@pytest.mark.parametrize(
    "hostile",
    [
        [],
        {},
        {**FAIR, "to": []},
        {**FAIR, "to": "role:owner"},
        {**FAIR, "to": {"role:owner": 1}},
        {**FAIR, "to": ["role:god"]},
        {**FAIR, "to": ["user:nobody"]},
        {**FAIR, "to": ["user:" + str(UUID(int=1)).upper() + "'"]},
        {**FAIR, "to": ["mail:all@elsewhere.example"]},
        {**FAIR, "events": ["late"]},
        {**FAIR, "events": ["everything"]},
        {**FAIR, "fields": [str(number) for number in range(101)]},
        {**FAIR, "when": {"field": "what", "op": "matches", "value": ".*"}},
        {**FAIR, "when": {"all": [{"field": "what", "op": "is", "value": "x"}] * 21}},
        {**FAIR, "levels": [{"after": 60, "to": ["role:owner"]}]},
        {**WAITING, "levels": [{"after": 0, "to": ["role:owner"]}]},
        {**WAITING, "levels": [{"after": 10**9, "to": ["role:owner"]}]},
        {**WAITING, "levels": [{"after": float("inf"), "to": ["role:owner"]}]},
        {**WAITING, "levels": [{"after": 60, "to": []}]},
        {**WAITING, "levels": ["60"]},
        {**WAITING, "levels": [{"after": 60, "to": ["role:owner"]}] * 2},
    ],
)
def test_a_hostile_rule_is_refused(hostile: Any) -> None:
    with pytest.raises((UnreadableRule, UnreadableCondition)):
        rules.parse(hostile)
