"""A program of its own: reads a workbook from its input and writes one line of JSON a row to its output.

A workbook can unpack to a thousand times its size, so it is read by a child that may use so much memory and so
much time and no more. It knows nothing of the house: no settings, no database, no environment.

First line: {"sheets": [names], "sheet": the one that is read}, or {"refused": why}. Last line: null.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
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

MEMORY = 1 << 30
SECONDS = 200
MOST_UNPACKED = 1 << 30
MOST_PARTS = 2000

_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
Cell = int | float | str | bool | time | date | datetime | timedelta


class Refused(Exception):
    """Says why in one word."""


def main(sheet: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        for line in _lines(sys.stdin.buffer, sheet):
            sys.stdout.write(line + "\n")
    except Refused as refusal:
        sys.stdout.write(json.dumps({"refused": str(refusal)}) + "\n")
    except PasswordError:
        sys.stdout.write(json.dumps({"refused": "protected"}) + "\n")
    except MemoryError:
        sys.stdout.write(json.dumps({"refused": "bomb"}) + "\n")
    except (CalamineError, WorksheetNotFound, XmlError, ZipError, zipfile.BadZipFile, ValueError, OSError):
        sys.stdout.write(json.dumps({"refused": "broken"}) + "\n")


def _lines(file: IO[bytes], wanted: str) -> Iterator[str]:
    check(file)
    file.seek(0)
    workbook = CalamineWorkbook.from_filelike(file)
    names = [
        one.name
        for one in workbook.sheets_metadata
        if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
    ]
    sheet = _chosen(workbook, names, wanted)
    yield json.dumps({"sheets": names, "sheet": sheet.name})
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield json.dumps([number, [written(cell) for cell in cells]], ensure_ascii=False)
    yield "null"


def check(file: IO[bytes]) -> None:
    """What the parts say they unpack to, asked before one of them is; lies meet the limit of memory later.

    Raises Refused, BadZipFile.
    """
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
    names = {part.filename for part in parts}
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Refused("bomb")
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise Refused("broken")


def _chosen(workbook: CalamineWorkbook, names: list[str], wanted: str) -> CalamineSheet:
    """The wanted sheet, or else the first one in which something stands."""
    if wanted:
        return workbook.get_sheet_by_name(wanted)
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.height:
            return sheet
    raise Refused("empty")


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


if __name__ == "__main__":
    main(sys.argv[1])
