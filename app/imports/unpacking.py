"""Workbooks of Excel and OpenDocument. Only the bounded child reads them (app/imports/parsing.py).

A workbook can unpack to a thousand times its size.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import IO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
    XmlError,
    ZipError,
)

from app.imports import reading
from app.imports.reading import Record
from tenants.errors import Invalid

MOST_UNPACKED = 1 << 30
MOST_PARTS = 2000

_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
Cell = int | float | str | bool | time | date | datetime | timedelta


class BrokenWorkbook(Invalid):
    """This workbook cannot be read: please open it in the program it comes from and save it once more as .xlsx."""

    code = "import_workbook_broken"


class ProtectedWorkbook(Invalid):
    """This is an old or a protected workbook: please save it as .xlsx without a password, and take that file."""

    code = "import_workbook_protected"


class WorkbookTooLarge(Invalid):
    """Unpacked, this workbook is too large to be read: please divide it, or save the list as CSV."""

    code = "import_workbook_too_large"


def opened(file: IO[bytes], wanted: str) -> tuple[list[str], str, Iterator[Record]]:
    """(names of its sheets, name of the wanted one or else of the first in which something stands, the rows of that)

    Raises BrokenWorkbook, ProtectedWorkbook, WorkbookTooLarge, NothingInIt.
    """
    with _refused_by_name():
        check(file)
        file.seek(0)
        workbook = CalamineWorkbook.from_filelike(file)
        names = [
            one.name
            for one in workbook.sheets_metadata
            if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
        ]
        sheet = _chosen(workbook, names, wanted)
    return names, sheet.name, _rows(sheet)


def _rows(sheet: CalamineSheet) -> Iterator[Record]:
    with _refused_by_name():
        for number, cells in enumerate(sheet.iter_rows(), 1):
            yield number, [written(cell) for cell in cells]


@contextmanager
def _refused_by_name() -> Iterator[None]:
    try:
        yield
    except PasswordError as error:
        raise ProtectedWorkbook from error
    except MemoryError as error:
        raise WorkbookTooLarge from error
    except (CalamineError, WorksheetNotFound, XmlError, ZipError, zipfile.BadZipFile, ValueError, OSError) as error:
        raise BrokenWorkbook from error


def check(file: IO[bytes]) -> None:
    """What the parts say they unpack to, asked before one of them is; lies meet the limit of memory later.

    Raises WorkbookTooLarge, BrokenWorkbook, BadZipFile.
    """
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
    names = {part.filename for part in parts}
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise WorkbookTooLarge
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise BrokenWorkbook


def _chosen(workbook: CalamineWorkbook, names: list[str], wanted: str) -> CalamineSheet:
    """The wanted sheet, or else the first one in which something stands."""
    if wanted:
        return workbook.get_sheet_by_name(wanted)
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.height:
            return sheet
    raise reading.NothingInIt


def written(cell: Cell) -> str:
    """As a person would have typed it: 20457 for the number 20457.0, 2026-11-03 for a day."""
    match cell:
        case str():
            return _NOT_IN_TEXT.sub("", cell)
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return str(cell)
