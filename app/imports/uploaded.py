"""A list as it was uploaded, read by a child whose memory and time are bounded (app/imports/parsing.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from flask_babel import format_decimal
from flask_babel import lazy_gettext as _l

from app.core.bounded import Child, Overrun
from app.core.fields import Text
from app.imports import cards, reading, unpacking
from app.imports.reading import Record
from config.quotas import quotas
from tenants.errors import Invalid, Refusal

_LONGEST_LINE = 16 << 20
_COLUMNS_OF_CARDS: Mapping[str, Text] = {
    "title": _l("Academic title"),
    "given": _l("First name"),
    "family": _l("Last name"),
    "company": _l("Company"),
    "role": _l("Role"),
    "email": _l("E-mail"),
    "email_2": _l("Second e-mail"),
    "phone": _l("Phone"),
    "mobile": _l("Mobile phone"),
    "fax": _l("Fax"),
    "website": _l("Website"),
    "street": _l("Street and number"),
    "postal_code": _l("Postcode"),
    "city": _l("City"),
    "country": _l("Country"),
    "note": _l("Note"),
    "more": _l("More"),
}


class OverQuota(Invalid):
    """A list may have %(most)s rows: please divide it."""

    code = "import_over_quota"


class TooMuchWork(Invalid):
    """Reading this list would take too much memory or time: please divide it, or save it as CSV (UTF-8)."""

    code = "import_too_much_work"


_REFUSALS: Mapping[str, type[Refusal]] = {
    refusal.code: refusal
    for refusal in (
        cards.OpenCard,
        reading.NotText,
        reading.NothingInIt,
        reading.OnlyHeading,
        reading.OpenQuotes,
        reading.RowTooLong,
        reading.TooManyColumns,
        reading.TooManyRows,
        unpacking.BrokenWorkbook,
        unpacking.ProtectedWorkbook,
        unpacking.WorkbookTooLarge,
    )
}


class Upload:
    """One that is being read. Closing it ends the child, however far it is.

    Whatever is asked of it raises what ``reading``, ``cards`` and ``unpacking`` refuse, and TooMuchWork.
    """

    def __init__(self, source: IO[bytes], *, sheet: str) -> None:
        """``source`` is a real file; of a workbook the sheet of this name is read, or else its first."""
        self._child = Child("app.imports.parsing", sheet, source=source)
        self._kind = ""

    def __enter__(self) -> Upload:
        return self

    def __exit__(self, *error: object) -> None:
        self._child.__exit__(*error)

    def names(self) -> tuple[list[str], str]:
        """Of a workbook the names of its sheets, and of the one that is read. To be asked first."""
        self._kind = self._next()["kind"]
        head = self._next()
        return head["sheets"], head["sheet"]

    def records(self) -> Iterator[Record]:
        rows = _within_quota(reading.within_limits(self._rows()))
        if self._kind == "cards":
            number, columns = next(rows)
            yield number, [str(_COLUMNS_OF_CARDS[name]) for name in columns]
        yield from rows

    def _rows(self) -> Iterator[Record]:
        while (row := self._next()) is not None:
            number, cells = row
            if any(map(str.strip, cells)):
                yield number, cells

    def _next(self) -> Any:
        """What the child says next; one that has been ended says nothing more, and wanted too much."""
        try:
            said = json.loads(self._child.line(most=_LONGEST_LINE))
        except Overrun as error:
            raise unpacking.WorkbookTooLarge if self._kind == "workbook" else TooMuchWork from error
        if isinstance(said, dict) and "refused" in said:
            raise _REFUSALS[said["refused"]](**said["values"])
        return said


def _within_quota(records: Iterator[Record]) -> Iterator[Record]:
    most = quotas().import_rows
    for count, record in enumerate(records):
        if count > most:
            raise OverQuota(most=format_decimal(most))
        yield record
