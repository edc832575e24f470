"""The rows of a list, page by page, as CSV or XLSX: no more than one page of them is ever in memory."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import IO, TYPE_CHECKING

from flask_babel import force_locale

from app.core import cells, listing, showing
from app.core.entities import EntityType, entity_types
from app.core.listing import Query
from app.exports.models import Export, ExportFormat
from config import lazily
from tenants import clock

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell

_AT_ONCE = 1000
_IN_MEMORY = 1 << 20

Cell = str | datetime


def write(export: Export) -> IO[bytes]:
    """Headings and rows as the list shows them, in the same order. Whoever sends the file closes it."""
    with force_locale(export.locale):
        return _written(entity_types.named(export.entity), Query(**export.wanted), export)


def _written(entity: EntityType, query: Query, export: Export) -> IO[bytes]:
    out: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  whoever sends it closes it
    headings = [str(column.label) for column in showing.columns(entity, query.columns)]
    found = _rows(entity, query)
    match export.format:
        case ExportFormat.CSV:
            _write_csv(out, headings, found, delimiter=cells.delimiter(export.locale))
        case ExportFormat.XLSX:
            _write_xlsx(out, headings, found, title=str(entity.plural))
    out.seek(0)
    return out


def _rows(entity: EntityType, query: Query) -> Iterator[Sequence[Cell]]:
    names = [column.name for column in showing.columns(entity, query.columns)]
    place: str | None = None
    while True:
        page = listing.load(entity, replace(query, after=place, before=None), limit=_AT_ONCE)
        for record_id, title, _, updated_at, *_ in page.rows:
            changed = clock.local(updated_at).replace(tzinfo=None)
            said: dict[str, Cell] = {**page.cells[record_id], showing.TITLE: title, showing.RECENT: changed}
            yield [said.get(name, "") for name in names]
        place = page.next
        if place is None:
            return


def _write_csv(out: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, delimiter: str) -> None:
    """UTF-8 with a mark, for Excel."""
    text = io.TextIOWrapper(out, "utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(map(cells.harmless, headings))
    for row in rows:
        writer.writerow([f"{c:%Y-%m-%d %H:%M}" if isinstance(c, datetime) else cells.harmless(c) for c in row])
    text.detach()


def _write_xlsx(out: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str) -> None:
    illegal = lazily.module("openpyxl.cell.cell").ILLEGAL_CHARACTERS_RE
    book = lazily.module("openpyxl").Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])

    def text(value: str) -> WriteOnlyCell:
        cell: WriteOnlyCell = lazily.module("openpyxl.cell").WriteOnlyCell(sheet, illegal.sub("", value))
        # Said to be text, "=1+1" is shown and never reckoned.
        cell.data_type = "s"
        return cell

    sheet.append([text(heading) for heading in headings])
    for row in rows:
        sheet.append([cell if isinstance(cell, datetime) else text(cell) for cell in row])
    book.save(out)
