"""Whether a condition holds for values that are known, without asking the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation

from app.core.conditions import OPPOSITES, Condition, Operator, Test, number, span


def holds(condition: Condition, values: Mapping[str, object], *, here: datetime) -> bool:
    """Whether it holds for a record of which this is known, by field; a list where there can be several.

    Values are as Python or the journal has them: days and moments may be texts in ISO 8601.
    """
    return all(any(_holds(test, values.get(test.field), here=here) for test in group) for group in condition.groups)


def _holds(test: Test, value: object, *, here: datetime) -> bool:
    if test.operator in OPPOSITES:
        return not _holds(Test(test.field, OPPOSITES[test.operator], test.values), value, here=here)
    several: Iterable[object] = value if isinstance(value, list | tuple | set | frozenset) else (value,)
    return any(_is_so(test, one, here=here) for one in several if one is not None)


def _is_so(test: Test, value: object, *, here: datetime) -> bool:
    match test.operator:
        case Operator.FILLED:
            return value != ""
        case Operator.ONE_OF:
            return str(value) in test.values
        case Operator.YES:
            return value is True or value in ("true", "t")
        case Operator.CONTAINS | Operator.IS | Operator.BEGINS:
            return _reads(test.operator, folded(str(value)), folded(test.value))
        case Operator.EQUALS | Operator.LESS | Operator.MORE:
            return _measures(test.operator, _known_number(value), number(test.value))
        case _:
            return _lies_in(span(test, today=here.date()), value, here=here)


def _reads(operator: Operator, text: str, wanted: str) -> bool:
    if operator is Operator.CONTAINS:
        return wanted in text
    return text == wanted if operator is Operator.IS else text.startswith(wanted)


def _known_number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _measures(operator: Operator, known: Decimal | None, wanted: Decimal) -> bool:
    if known is None:
        return False
    if operator is Operator.EQUALS:
        return known == wanted
    return known < wanted if operator is Operator.LESS else known > wanted


def _lies_in(days: Sequence[date | None], value: object, *, here: datetime) -> bool:
    since, until = days
    known = _known_time(value)
    if isinstance(known, datetime):
        since, until = (begin(day, here=here) if day else None for day in (since, until))
    if known is None:
        return False
    return (since is None or since <= known) and (until is None or known < until)


def _known_time(value: object) -> date | datetime | None:
    """A moment in UTC, or a day."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == len("2026-01-01") else datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return value if isinstance(value, date) else None


def begin(day: date, *, here: datetime) -> datetime:
    """The first moment of a day where the tenant lives. ``here``: the present moment as clocks there show it."""
    return datetime.combine(day, time.min, tzinfo=here.tzinfo).astimezone(UTC)


def folded(text: str) -> str:
    """In lower case, letter by letter, as PostgreSQL's lower() has it."""
    return "".join(letter.lower()[0] for letter in text)
