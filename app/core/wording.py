"""Filters in words: what operators are called, what the lines of a condition say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.core import i18n
from app.core.conditions import WITH_CHOICES, WITH_DAY, WITHOUT_VALUE, Operator
from app.core.criteria import Criterion
from app.core.fields import Text

OPERATORS: Mapping[Operator, Text] = {
    Operator.CONTAINS: _l("contains"),
    Operator.LACKS: _l("does not contain"),
    Operator.IS: _l("is"),
    Operator.IS_NOT: _l("is not"),
    Operator.BEGINS: _l("starts with"),
    Operator.ON: _l("on"),
    Operator.BEFORE: _l("before"),
    Operator.AFTER: _l("after"),
    Operator.LAST_DAYS: _l("in the last days"),
    Operator.NEXT_DAYS: _l("in the next days"),
    Operator.EQUALS: _l("equals"),
    Operator.LESS: _l("less than"),
    Operator.MORE: _l("more than"),
    Operator.ONE_OF: _l("is one of"),
    Operator.NONE_OF: _l("is none of"),
    Operator.YES: _l("yes"),
    Operator.NO: _l("no"),
    Operator.EMPTY: _l("is empty"),
    Operator.FILLED: _l("is not empty"),
}
_DAYS = {
    Operator.LAST_DAYS: _l("%(field)s: in the last %(number)s days"),
    Operator.NEXT_DAYS: _l("%(field)s: in the next %(number)s days"),
}
_SHOWN = 3
"""Choices that a line names before it only says how many more there are."""


def choices(criterion: Criterion) -> Sequence[tuple[str, str]]:
    """(value, text)"""
    if criterion.choices is not None:
        return criterion.choices()
    return [(value, str(text)) for value, text in criterion.options]


def said(criterion: Criterion, operator: Operator, values: Sequence[str]) -> str:
    """One test as a sentence: "City contains Kiel"."""
    label, value = str(criterion.label), values[0] if values else ""
    if operator in _DAYS:
        return str(_DAYS[operator]) % {"field": label, "number": value}
    if operator in WITHOUT_VALUE:
        return gettext("%(field)s %(operator)s", field=label, operator=str(OPERATORS[operator]))
    if operator in WITH_DAY:
        value = i18n.say_day(date.fromisoformat(value))
    if operator in WITH_CHOICES:
        value = _named(criterion, values)
    return gettext("%(field)s %(operator)s %(value)s", field=label, operator=str(OPERATORS[operator]), value=value)


def _named(criterion: Criterion, values: Sequence[str]) -> str:
    known = dict(choices(criterion))
    names = [known.get(value, gettext("something deleted")) for value in values]
    shown = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    return gettext("%(names)s and %(number)d more", names=shown, number=more) if more > 0 else shown


def either(sentences: Sequence[str]) -> str:
    """Of which it is enough that one holds."""
    return reduce(lambda first, second: gettext("%(first)s or %(second)s", first=first, second=second), sentences)
