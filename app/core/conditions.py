"""Conditions on what is known of a record: what a list is narrowed to, what somebody waits for.

They know neither requests nor SQL. All of some groups must hold, of each group at least one test. They are written
as JSON: ``{"all": [{"field": "city", "op": "is", "value": "Kiel"}, {"any": [...]}]}``; app/core/criteria.py makes
SQL of them, which agrees with app/core/holding.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from app.core.fields import clean
from tenants.errors import Invalid

MOST_TESTS = 20
MOST_VALUES = 100
"""Among which one test looks."""

LONGEST = 200
"""Characters of one value."""

LONGEST_TEXT = 8000
"""Characters of a condition written as JSON."""

_FIRST_DAY, _LAST_DAY, _MOST_DAYS = date(1, 1, 2), date(9000, 1, 1), 36_500
_LONGEST_NUMBER = 30


class UnreadableCondition(Invalid):
    """This filter cannot be understood."""

    code = "condition_unreadable"


class TooLargeCondition(UnreadableCondition):
    """This filter has too many lines or values: at most 20 lines and 100 values a line."""

    code = "condition_too_large"


class MissingValue(UnreadableCondition):
    """A line of this filter says nothing to compare with."""

    code = "condition_without_value"


class NotADay(UnreadableCondition):
    """A line of this filter needs a day, and there is none in it."""

    code = "condition_not_a_day"


class NotANumber(UnreadableCondition):
    """A line of this filter needs a number, and there is none in it."""

    code = "condition_not_a_number"


class Kind(StrEnum):
    """What can be asked of something depends on what it is."""

    TEXT = "text"
    DAY = "day"
    """A moment too: it lies on a day, where the tenant lives."""

    NUMBER = "number"
    CHOICE = "choice"
    YES_NO = "yes_no"


class Operator(StrEnum):
    """Stored. Never changes."""

    CONTAINS = "contains"
    LACKS = "lacks"
    IS = "is"
    IS_NOT = "is_not"
    BEGINS = "begins"
    ON = "on"
    BEFORE = "before"
    AFTER = "after"
    LAST_DAYS = "last_days"
    """Today, and so many days before it."""

    NEXT_DAYS = "next_days"
    """Today, and so many days after it."""

    EQUALS = "equals"
    LESS = "less"
    MORE = "more"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    YES = "yes"
    NO = "no"
    EMPTY = "empty"
    FILLED = "filled"


_O = Operator
_NAMES = frozenset(operator.value for operator in Operator)
OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: (_O.CONTAINS, _O.LACKS, _O.IS, _O.IS_NOT, _O.BEGINS, _O.EMPTY, _O.FILLED),
    Kind.DAY: (_O.ON, _O.BEFORE, _O.AFTER, _O.LAST_DAYS, _O.NEXT_DAYS, _O.EMPTY, _O.FILLED),
    Kind.NUMBER: (_O.EQUALS, _O.LESS, _O.MORE, _O.EMPTY, _O.FILLED),
    Kind.CHOICE: (_O.ONE_OF, _O.NONE_OF, _O.EMPTY, _O.FILLED),
    Kind.YES_NO: (_O.YES, _O.NO),
}
OPPOSITES: Mapping[Operator, Operator] = {
    _O.LACKS: _O.CONTAINS,
    _O.IS_NOT: _O.IS,
    _O.NONE_OF: _O.ONE_OF,
    _O.EMPTY: _O.FILLED,
    _O.NO: _O.YES,
}
"""Each holds exactly where the other does not."""

WITHOUT_VALUE = frozenset({_O.EMPTY, _O.FILLED, _O.YES, _O.NO})
WITH_DAY = frozenset({_O.ON, _O.BEFORE, _O.AFTER})
WITH_DAYS = frozenset({_O.LAST_DAYS, _O.NEXT_DAYS})
WITH_NUMBER = frozenset({_O.EQUALS, _O.LESS, _O.MORE})
WITH_CHOICES = frozenset({_O.ONE_OF, _O.NONE_OF})


@dataclass(frozen=True, slots=True)
class Test:
    __test__ = False

    field: str
    operator: Operator
    values: tuple[str, ...] = ()
    """As they are written: a text, a day in ISO 8601, a number, or the options among which to look."""

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True)
class Condition:
    """All groups hold, of each group at least one test. Without groups it always holds."""

    groups: tuple[tuple[Test, ...], ...] = ()

    def tests(self) -> tuple[Test, ...]:
        return tuple(test for group in self.groups for test in group)

    def __bool__(self) -> bool:
        return bool(self.groups)


def parse(written: object) -> Condition:
    """From JSON as a text, or as it was read: ``{"all": [...]}``, ``{"any": [...]}`` or one test.

    Raises UnreadableCondition.
    """
    if isinstance(written, str):
        written = _read(written)
    match written:
        case {"all": [*parts]}:
            groups = [_group(part) for part in parts]
        case _:
            groups = [_group(written)]
    condition = Condition(tuple(group for group in groups if group))
    if len(condition.tests()) > MOST_TESTS:
        raise TooLargeCondition
    return condition


def dump(condition: Condition) -> dict[str, Any]:
    """As JSON that ``parse`` understands."""
    groups = [[_dumped(test) for test in group] for group in condition.groups]
    return {"all": [group[0] if len(group) == 1 else {"any": group} for group in groups]}


def written(condition: Condition) -> str:
    """The same as a text, as short as can be; nothing for a condition that always holds."""
    return json.dumps(dump(condition), ensure_ascii=False, separators=(",", ":")) if condition else ""


def checked(test: Test) -> Test:
    """As it is kept. Raises UnreadableCondition where the values are none for its operator."""
    values = tuple(text for value in test.values if (text := clean(value)))
    if test.operator in WITHOUT_VALUE:
        return Test(test.field, test.operator)
    if test.operator not in WITH_CHOICES:
        values = values[:1]
    if not values:
        raise MissingValue
    if len(values) > MOST_VALUES or any(len(value) > LONGEST for value in values):
        raise TooLargeCondition
    tidy = Test(test.field, test.operator, values)
    _operand(tidy)
    return tidy


def _read(text: str) -> object:
    if len(text) > LONGEST_TEXT:
        raise TooLargeCondition
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableCondition from error


def _group(part: object) -> tuple[Test, ...]:
    match part:
        case {"any": [*tests]}:
            return tuple(_test(test) for test in tests[: MOST_TESTS + 1])
        case _:
            return (_test(part),)


def _test(part: object) -> Test:
    match part:
        case {"field": str(field), "op": str(name), **rest} if name in _NAMES and rest.keys() <= {"value"}:
            return checked(Test(field[:LONGEST], Operator(name), _values(rest.get("value"))))
    raise UnreadableCondition


def _values(value: object) -> tuple[str, ...]:
    many = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(one, str | int | float) and not isinstance(one, bool) for one in many):
        raise UnreadableCondition
    return tuple(str(one) for one in many)


def _dumped(test: Test) -> dict[str, Any]:
    found: dict[str, Any] = {"field": test.field, "op": test.operator.value}
    if test.operator in WITH_CHOICES:
        return {**found, "value": list(test.values)}
    return {**found, "value": test.value} if test.values else found


def _operand(test: Test) -> None:
    """Raises UnreadableCondition where the value cannot be compared."""
    if test.operator in WITH_DAY or test.operator in WITH_DAYS:
        span(test, today=date(2000, 1, 1))
    elif test.operator in WITH_NUMBER:
        number(test.value)


def number(text: str) -> Decimal:
    """Raises NotANumber."""
    try:
        found = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise NotANumber from error
    if not found.is_finite() or len(text) > _LONGEST_NUMBER or abs(found.adjusted()) > _LONGEST_NUMBER:
        raise NotANumber
    return found


def span(test: Test, *, today: date) -> tuple[date | None, date | None]:
    """The days that a test asks for, the last one exclusive; None where there is no end.

    Raises NotADay, NotANumber.
    """
    match test.operator:
        case Operator.ON:
            return _day(test.value), _day(test.value) + timedelta(days=1)
        case Operator.BEFORE:
            return None, _day(test.value)
        case Operator.AFTER:
            return _day(test.value) + timedelta(days=1), None
        case Operator.LAST_DAYS:
            return today - timedelta(days=_days(test.value)), today + timedelta(days=1)
        case _:
            return today, today + timedelta(days=_days(test.value) + 1)


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise NotADay from error
    if not _FIRST_DAY <= found <= _LAST_DAY or found.isoformat() != text:
        raise NotADay
    return found


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_DAYS)) and int(text) <= _MOST_DAYS):
        raise NotANumber
    return int(text)
