"""The customer number: what a record is called in the books, and found by in any list."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ARRAY, String, any_, bindparam, select

from app.core.fields import Field, Values
from tenants.db import rows

NUMBER = Field(
    name="number",
    label=_l("Customer number"),
    limit=40,
    headings=(
        "kundennummer",
        "kundennr",
        "kunden nr",
        "kd nr",
        "kdnr",
        "debitor",
        "debitorennummer",
        "customer no",
        "customer id",
        "account number",
    ),
)


class Numbers:
    """Of the records of one kind."""

    def __init__(self, model: Any) -> None:
        self._by_number = select(model.number, model.id).where(
            model.number == any_(bindparam("numbers", type_=ARRAY(String))), model.deleted_at.is_(None)
        )

    def find(self, lines: Collection[Values]) -> Mapping[str, UUID]:
        """The records that have the numbers of these lines; no statement where none has one."""
        wanted = [number for values in lines if (number := values.get(NUMBER.name))]
        return {row.number: row.id for row in rows(self._by_number, {"numbers": wanted})} if wanted else {}


def agree(values: Values, number: str | None) -> bool:
    """One that is missing says nothing."""
    said = values.get(NUMBER.name)
    return not said or not number or said == number


def repeated(lines: Sequence[Values], *, who: Callable[[Values], str]) -> list[bool]:
    """For each line, whether one above it has the same number, or is about the same one and has no other number.

    ``who`` is the same for lines that are, and empty where that cannot be told.
    """
    taken: set[str] = set()
    known: dict[str, set[str]] = {}
    found = []
    for values in lines:
        number, one = values.get(NUMBER.name) or "", who(values)
        theirs = known.setdefault(one, set()) if one else set()
        found.append(number in taken or bool(theirs and (not number or theirs & {"", number})))
        theirs.add(number)
        taken |= {number} if number else set()
    return found
