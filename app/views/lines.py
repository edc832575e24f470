"""A filter while somebody writes it: lines that may not be finished yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from app.core import conditions, criteria, errors
from app.core.conditions import (
    LONGEST,
    LONGEST_TEXT,
    MOST_TESTS,
    MOST_VALUES,
    OPERATORS,
    WITH_CHOICES,
    WITH_DAYS,
    Condition,
    Operator,
    Test,
    UnreadableCondition,
)
from app.core.criteria import Criteria

_MOST_QUOTED = 2500
"""Characters that a condition may take in an address; one that is longer no browser and no server carries reliably."""


class TooLongForAnAddress(UnreadableCondition):
    """This filter is too long. Please leave out a line or some of the values."""

    code = "condition_too_long_for_an_address"


@dataclass(frozen=True, slots=True)
class Line:
    field: str
    operator: Operator
    values: tuple[str, ...] = ()
    alternative: bool = False
    """Whether it is enough that this holds instead of the line before."""

    problem: str = ""


def of(condition: Condition) -> list[Line]:
    return [
        Line(test.field, test.operator, test.values, alternative=place > 0)
        for group in condition.groups
        for place, test in enumerate(group)
    ]


def condition_of(lines: Sequence[Line]) -> Condition:
    """Raises UnreadableCondition where a line is not finished, or all are too long for an address."""
    groups: list[list[Test]] = []
    for line in lines:
        test = conditions.checked(Test(line.field, line.operator, line.values))
        if line.alternative and groups:
            groups[-1].append(test)
        else:
            groups.append([test])
    condition = Condition(tuple(tuple(group) for group in groups))
    if len(quote(conditions.written(condition))) > _MOST_QUOTED:
        raise TooLongForAnAddress
    return condition


def judged(lines: Sequence[Line], asked: Criteria) -> list[Line]:
    """The same lines, each with what is wrong with it."""
    return [replace(line, problem=_problem(line, asked)) for line in lines]


def typed(form: MultiDict[str, str], asked: Criteria) -> list[Line]:
    """From the fields of the editor; a line about nothing that can be asked is left out."""
    found = []
    for place in range(MOST_TESTS):
        field, operator = form.get(f"field-{place}", ""), form.get(f"op-{place}", "")
        if field in asked:
            chosen = _operator(operator, asked[field].kind)
            values = _typed_values(form, place, chosen)
            found.append(Line(field, chosen, values, alternative=form.get(f"join-{place}") == "or"))
    return found


def added(lines: Sequence[Line], field: str, asked: Criteria) -> list[Line]:
    """With one more line, about this."""
    if field not in asked or len(lines) >= MOST_TESTS:
        return list(lines)
    return [*lines, Line(field, OPERATORS[asked[field].kind][0])]


def without(lines: Sequence[Line], place: int) -> list[Line]:
    return [line for number, line in enumerate(lines) if number != place]


def written(lines: Iterable[Line]) -> str:
    told = [[line.field, line.operator.value, list(line.values), line.alternative] for line in lines]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def read(text: str, asked: Criteria) -> list[Line]:
    """From an address. What was tampered with is left out."""
    try:
        told: Any = json.loads(text) if len(text) <= LONGEST_TEXT else []
    except (ValueError, RecursionError):
        return []
    lines = [_line(one, asked) for one in told[:MOST_TESTS]] if isinstance(told, list) else []
    return [line for line in lines if line is not None]


def _line(told: Any, asked: Criteria) -> Line | None:
    match told:
        case [str(field), str(operator), [*values], bool(alternative)] if field in asked:
            texts = tuple(value for value in values if isinstance(value, str))
            return Line(field, _operator(operator, asked[field].kind), texts[:MOST_VALUES], alternative)
    return None


def _operator(written: str, kind: conditions.Kind) -> Operator:
    return next((known for known in OPERATORS[kind] if known == written), OPERATORS[kind][0])


def _typed_values(form: MultiDict[str, str], place: int, operator: Operator) -> tuple[str, ...]:
    name = f"days-{place}" if operator in WITH_DAYS else f"value-{place}"
    values = form.getlist(name)[: MOST_VALUES if operator in WITH_CHOICES else 1]
    return tuple(value[: LONGEST + 1] for value in values)


def _problem(line: Line, asked: Criteria) -> str:
    try:
        criteria.check(condition_of([line]), asked)
    except conditions.MissingValue:
        return gettext("Please fill this in.")
    except UnreadableCondition as refusal:
        return errors.say(refusal)
    return ""
