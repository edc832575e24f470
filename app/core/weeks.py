"""Counting by week: the last twelve, each from Monday to Sunday in the tenant's zone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, DateTime, Row, Select, bindparam, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from tenants import clock

WEEKS = 12

STARTS = bindparam("starts", type_=ARRAY(DateTime(timezone=True)))
FIRST = bindparam("first", type_=DateTime(timezone=True))


def starts() -> Sequence[datetime]:
    """When each of them began, the oldest first; the last one is not over."""
    today = clock.today()
    monday = today - timedelta(days=today.weekday())
    return [
        datetime.combine(monday - timedelta(weeks=ago), time(), tzinfo=clock.zone()) for ago in range(WEEKS - 1, -1, -1)
    ]


def values(begun: Sequence[datetime]) -> dict[str, Any]:
    """What ``by_week`` must be told."""
    return {"starts": list(begun), "first": begun[0]}


def by_week(name: str, moment: InstrumentedAttribute[Any], *where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """(name, week, many), to be joined with others by UNION ALL; weeks without any are missing."""
    week = func.width_bucket(moment, STARTS).label("week")
    counted: Any = select(literal(name).label("name"), week, func.count().label("many"))
    found: Select[*tuple[Any, ...]] = counted.where(moment >= FIRST, *where).group_by(week)
    return found


def altogether(name: str, *where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The same of all time, in week 0."""
    counted: Any = select(literal(name).label("name"), literal(0).label("week"), func.count().label("many"))
    found: Select[*tuple[Any, ...]] = counted.where(*where)
    return found


def spread(found: Iterable[Row[Any]], name: str) -> Sequence[int]:
    """How many there are in each week, the oldest first."""
    counted = {row.week: row.many for row in found if row.name == name}
    return [counted.get(week, 0) for week in range(1, WEEKS + 1)]


def total(found: Iterable[Row[Any]], name: str) -> int:
    return sum(row.many for row in found if row.name == name)
