"""A program of its own: reads an uploaded list from its input and writes one line of JSON a row to its output.

It knows nothing of the house: no settings, no database, no environment; whoever starts it bounds it (app/core/bounded).

First line: {"kind": "text", "cards" or "workbook"}. Second line: {"sheets": [names], "sheet": the one that is read}.
Last line: null; or, in the place of any line, {"refused": code of a refusal, "values": what it names}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import IO, Any

from app.core import bounded
from app.imports import cards, reading, unpacking
from app.imports.reading import Record
from tenants.errors import Refusal

_WORKBOOKS, _OLD_WORKBOOKS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def main(sheet: str) -> None:
    bounded.confine()
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        for line in _lines(sys.stdin.buffer, sheet):
            sys.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    except Refusal as refusal:
        sys.stdout.write(json.dumps({"refused": refusal.code, "values": refusal.values}) + "\n")


def _lines(file: IO[bytes], sheet: str) -> Iterator[Any]:
    kind = _kind_of(file)
    yield {"kind": kind}
    sys.stdout.flush()
    names, name, records = _read(file, kind, sheet)
    yield {"sheets": names, "sheet": name}
    yield from records
    yield None


def _kind_of(file: IO[bytes]) -> str:
    """Raises ProtectedWorkbook."""
    file.seek(0)
    head = file.read(4)
    if head == _OLD_WORKBOOKS:
        raise unpacking.ProtectedWorkbook
    if head == _WORKBOOKS:
        return "workbook"
    return "cards" if cards.are_these(file) else "text"


def _read(file: IO[bytes], kind: str, sheet: str) -> tuple[list[str], str, Iterator[Record]]:
    """(names of all sheets, name of the one that is read, its rows)"""
    match kind:
        case "workbook":
            return unpacking.opened(file, sheet)
        case "cards":
            return [], "", cards.records(file)
        case _:
            return [], "", reading.records(file)


if __name__ == "__main__":
    main(sys.argv[1])
