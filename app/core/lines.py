"""A filter while somebody writes it: lines that may not be finished yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from app.core import conditions, criteria, errors, wording
from app.core.conditions import (
    LONGEST,
    LONGEST_TEXT,
    MOST_TESTS,
    MOST_VALUES,
    OPERATORS,
    WITH_CHOICES,
    WITH_DAYS,
    Condition,
    Kind,
    Operator,
    Test,
    UnreadableCondition,
)
from app.core.criteria import Criteria, Criterion


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
    """Raises UnreadableCondition where a line is not finished."""
    groups: list[list[Test]] = []
    for line in lines:
        test = conditions.checked(Test(line.field, line.operator, line.values))
        if line.alternative and groups:
            groups[-1].append(test)
        else:
            groups.append([test])
    return Condition(tuple(tuple(group) for group in groups))


def judged(lines: Sequence[Line], asked: Criteria) -> list[Line]:
    """The same lines, each with what is wrong with it."""
    return [replace(line, problem=_problem(line, asked)) for line in lines]


def typed(form: MultiDict[str, str], asked: Criteria, *, of: str = "") -> list[Line]:
    """From the fields of the editor, whose names begin with ``of`` where a form has several; a line about nothing
    that can be asked is left out.
    """
    found = []
    for place in range(MOST_TESTS):
        field, operator = form.get(f"{of}field-{place}", ""), form.get(f"{of}op-{place}", "")
        if field in asked:
            chosen = _operator(operator, asked[field].kind)
            name = f"{of}days-{place}" if chosen in WITH_DAYS else f"{of}value-{place}"
            values = form.getlist(name)[: MOST_VALUES if chosen in WITH_CHOICES else 1]
            texts = tuple(value[: LONGEST + 1] for value in values)
            found.append(Line(field, chosen, texts, alternative=form.get(f"{of}join-{place}") == "or"))
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


def _problem(line: Line, asked: Criteria) -> str:
    try:
        criteria.check(condition_of([line]), asked)
    except conditions.MissingValue:
        return gettext("Please fill this in.")
    except UnreadableCondition as refusal:
        return errors.say(refusal)
    return ""


@dataclass(frozen=True, kw_only=True)
class ShownLine:
    """A line of the editor."""

    line: Line
    label: str
    kind: str
    operators: Sequence[tuple[str, str]]
    choices: Sequence[tuple[str, str]]
    value: str
    days: str


def shown(line: Line, criterion: Criterion) -> ShownLine:
    value = line.values[0] if line.values else ""
    return ShownLine(
        line=line,
        label=str(criterion.label),
        kind=criterion.kind,
        operators=[(operator.value, str(wording.OPERATORS[operator])) for operator in OPERATORS[criterion.kind]],
        choices=wording.choices(criterion) if criterion.kind is Kind.CHOICE else (),
        value="" if line.operator in WITH_DAYS else value,
        days=value if line.operator in WITH_DAYS else "",
    )
