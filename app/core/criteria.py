"""What a condition can ask about records of a kind; and conditions as SQL, which agrees with app/core/holding.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Numeric,
    Select,
    String,
    Uuid,
    and_,
    false,
    func,
    literal,
    not_,
    or_,
    true,
    type_coerce,
)

from app.core.conditions import OPERATORS, OPPOSITES, Condition, Kind, Operator, Test, UnreadableCondition, number, span
from app.core.fields import Choices, Text
from app.core.holding import begin, folded


@dataclass(frozen=True, kw_only=True, eq=False)
class Criterion:
    """Something about records of a kind that a condition can ask."""

    name: str
    """Stored. Never changes; that of the column where it is one of the record's own."""

    label: Text
    kind: Kind = Kind.TEXT
    options: tuple[tuple[str, Text], ...] = ()
    choices: Choices | None = None
    """In the place of ``options``: (value, text) of what the tenant has made itself."""

    several: Callable[[Any], Select[Any]] | None = None
    """From the listed model to a selection of one column: all that a record has of it, as its telephone numbers."""


Criteria = Mapping[str, Criterion]


class UnknownCriterion(UnreadableCondition):
    """This filter asks for something that these rows do not have."""

    code = "condition_unknown_field"


class UnknownOption(UnreadableCondition):
    """This filter asks for a choice that does not exist."""

    code = "condition_unknown_option"


def check(condition: Condition, asked: Criteria) -> None:
    """Raises UnknownCriterion, UnknownOption where the condition does not fit what can be asked."""
    for test in condition.tests():
        criterion = asked.get(test.field)
        if criterion is None or test.operator not in OPERATORS[criterion.kind]:
            raise UnknownCriterion
        options = dict(criterion.options)
        if options and criterion.choices is None and not options.keys() >= set(test.values):
            raise UnknownOption


def met(condition: Condition, asked: Criteria, model: Any, *, here: datetime) -> ColumnElement[bool]:
    """For statements that select from the model. ``here``: the present moment as the tenant's clocks show it."""
    return and_(true(), *(or_(*(_test(test, asked[test.field], model, here) for test in g)) for g in condition.groups))


def _test(test: Test, criterion: Criterion, model: Any, here: datetime) -> ColumnElement[bool]:
    if test.operator in OPPOSITES:
        so = Test(test.field, OPPOSITES[test.operator], test.values)
        return not_(func.coalesce(_test(so, criterion, model, here), false()))
    if criterion.several is not None:
        among = criterion.several(model)
        return among.where(_is_so(test, among.selected_columns[0], here)).exists()
    return _is_so(test, getattr(model, criterion.name), here)


def _is_so(test: Test, column: ColumnElement[Any], here: datetime) -> ColumnElement[bool]:
    match test.operator:
        case Operator.FILLED:
            return _text(column) != "" if isinstance(column.type, String) else column.is_not(None)
        case Operator.ONE_OF:
            return _among(column, test.values)
        case Operator.YES:
            return column.is_(True)
        case Operator.CONTAINS | Operator.IS | Operator.BEGINS:
            return _READS[test.operator](func.lower(_text(column)), folded(test.value))
        case Operator.EQUALS | Operator.LESS | Operator.MORE:
            return _MEASURES[test.operator](column, literal(number(test.value), Numeric))
        case _:
            return _lies_in(span(test, today=here.date()), column, here)


_READS: Mapping[Operator, Callable[[Any, str], ColumnElement[bool]]] = {
    Operator.CONTAINS: lambda text, wanted: func.strpos(text, wanted) > 0,
    Operator.IS: lambda text, wanted: text == wanted,
    Operator.BEGINS: func.starts_with,
}
_MEASURES: Mapping[Operator, Callable[[Any, Any], ColumnElement[bool]]] = {
    Operator.EQUALS: lambda column, wanted: column == wanted,
    Operator.LESS: lambda column, wanted: column < wanted,
    Operator.MORE: lambda column, wanted: column > wanted,
}


def _among(column: ColumnElement[Any], options: Sequence[str]) -> ColumnElement[bool]:
    if isinstance(column.type, Uuid):
        return column.in_([UUID(option) for option in options if _is_id(option)])
    return _text(column).in_(options)


def _text(column: ColumnElement[Any]) -> ColumnElement[str]:
    # An Enum refuses what it does not know; here that is simply not found.
    return type_coerce(column, String)


def _is_id(option: str) -> bool:
    try:
        return str(UUID(option)) == option
    except ValueError:
        return False


def _lies_in(days: tuple[date | None, date | None], column: ColumnElement[Any], here: datetime) -> ColumnElement[bool]:
    is_moment = isinstance(column.type, DateTime)
    since, until = (begin(day, here=here) if day and is_moment else day for day in days)
    ends = [*([column >= since] if since else []), *([column < until] if until else [])]
    return and_(*ends)
