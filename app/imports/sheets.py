"""A list as it is kept: one line of JSON a row, so that reading goes on from any row with a plain seek.

What was uploaded can be in any encoding and dialect, and its rows can run over several lines; so it is read
once, when it comes in, and refused then if it cannot be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple, cast
from uuid import UUID

from app.imports import cards, reading, workbooks
from app.imports.reading import Record
from tenants import files

_LARGEST_KEPT = 4 * reading.MOST_BYTES
_TOLD_EVERY = 20_000
"""Rows after which the page hears how far it is, and the worker whether the list is still wanted."""
_WORKBOOKS, _OLD_WORKBOOKS = (b"PK\x03\x04",), (b"\xd0\xcf\x11\xe0",)


Tell = Callable[[int], None]
"""Hears now and then how many rows are read; whoever raises ends it."""


class Kind(Enum):
    TEXT = auto()
    CARDS = auto()
    WORKBOOK = auto()


class Row(NamedTuple):
    number: int
    """As a spreadsheet shows it: the heading is row 1."""

    repeated: bool
    """An earlier row of the same list has the same cells."""

    cells: list[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    file_id: UUID
    headings: list[str]
    total: int
    start: int
    """Where the first row below the heading begins, in bytes."""

    names: Sequence[str] = ()
    """Of a workbook: the names of all its sheets, in order."""

    name: str = ""
    """Of a workbook: of the sheet that this is."""


def kind_of(stream: IO[bytes]) -> Kind:
    """Raises ProtectedWorkbook."""
    stream.seek(0)
    head = stream.read(4)
    if head in _OLD_WORKBOOKS:
        raise workbooks.ProtectedWorkbook
    if head in _WORKBOOKS:
        return Kind.WORKBOOK
    return Kind.CARDS if cards.are_these(stream) else Kind.TEXT


def keep(stream: IO[bytes], *, name: str, sheet: str = "", tell: Tell = lambda _rows: None) -> Sheet:
    """A list of any kind; of a workbook the sheet of this name, or else its first.

    Raises what ``reading``, ``workbooks`` and ``cards`` raise; nothing is left behind then.
    """
    reading.check_size(stream)
    match kind_of(stream):
        case Kind.WORKBOOK:
            with workbooks.Workbook(stream, sheet=sheet) as workbook:
                names, read = workbook.names()
                return replace(_keep(workbook.records(), name=name, tell=tell), names=names, name=read)
        case Kind.CARDS:
            return _keep(cards.records(stream), name=name, tell=tell)
        case Kind.TEXT:
            return _keep(reading.records(stream), name=name, tell=tell)


def _keep(records: Iterator[Record], *, name: str, tell: Tell) -> Sheet:
    written = _Written(_told(records, tell))
    file = files.keep(cast("IO[bytes]", written), name=name, limit=_LARGEST_KEPT)
    return Sheet(file_id=file.id, headings=written.headings, total=written.rows - 1, start=written.start)


def _told(records: Iterator[Record], tell: Tell) -> Iterator[Record]:
    for count, record in enumerate(records):
        if count and count % _TOLD_EVERY == 0:
            tell(count)
        yield record


def headings(path: Path) -> list[str]:
    return rows(path, position=0, most=1)[0][0].cells


def rows(path: Path, *, position: int, most: int) -> tuple[list[Row], int]:
    """The next rows from a position, and the position behind them."""
    with path.open("rb") as file:
        file.seek(position)
        found = [Row(*json.loads(line)) for line in islice(file, most)]
        return found, file.tell()


class _Written:
    """The kept form of the records, read like a file while they are read themselves."""

    def __init__(self, records: Iterator[Record]) -> None:
        self.headings: list[str] = []
        self.rows = self.start = 0
        self._lines = self._written(records)

    def read(self, size: int) -> bytes:
        piece = bytearray()
        while len(piece) < size and (line := next(self._lines, b"")):
            piece += line
        return bytes(piece)

    def _written(self, records: Iterator[Record]) -> Iterator[bytes]:
        seen: set[int] = set()
        for number, cells in records:
            # 64 bits a row instead of the row: a million rows meet by chance once in 30 million lists.
            mark = hash(tuple(cells))
            line = json.dumps([number, mark in seen, cells], ensure_ascii=False, separators=(",", ":"))
            encoded = line.encode() + b"\n"
            seen.add(mark)
            self.rows += 1
            if self.rows == 1:
                self.headings, self.start = cells, len(encoded)
            yield encoded
