"""A list as it is kept: one line of JSON a row, so that reading goes on from any row with a plain seek.

What was uploaded can be in any encoding and dialect, and its rows can run over several lines; so it is read
once, when it comes in, and refused then if it cannot be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import IO, NamedTuple, cast
from uuid import UUID

from app.imports import reading
from app.imports.reading import Record
from app.imports.uploaded import Upload
from tenants import files

_LARGEST_KEPT = 4 * reading.MOST_BYTES
_TOLD_EVERY = 20_000
"""Rows after which the page hears how far it is, and the worker whether the list is still wanted."""
_MOST_AT_ONCE = 8 << 20
"""Bytes of rows that are in memory together."""

SAMPLED = 50
"""Rows from whose contents a column is recognised."""


Look = Callable[[Sequence[Record]], None]
"""Sees the heading and the first rows while the others are read."""

Tell = Callable[[int], None]
"""Hears now and then how many rows are read; whoever raises ends it."""


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


def keep(stream: IO[bytes], *, name: str, sheet: str, look: Look, tell: Tell) -> Sheet:
    """A list of any kind, in a real file; of a workbook the sheet of this name, or else its first.

    Raises what ``Upload`` raises; nothing is left behind then.
    """
    with Upload(stream, sheet=sheet) as upload:
        names, read = upload.names()
        kept = keep_rows(_heard(upload.records(), look, tell), name=name)
    return replace(kept, names=names, name=read)


def keep_rows(records: Iterator[Record], *, name: str) -> Sheet:
    written = _Written(records)
    file = files.keep(cast("IO[bytes]", written), name=name, limit=_LARGEST_KEPT)
    return Sheet(file_id=file.id, headings=written.headings, total=written.rows - 1, start=written.start)


def _heard(records: Iterator[Record], look: Look, tell: Tell) -> Iterator[Record]:
    first = list(islice(records, 1 + SAMPLED))
    look(first)
    for count, record in enumerate(chain(first, records)):
        if count and count % _TOLD_EVERY == 0:
            tell(count)
        yield record


def headings(path: Path) -> list[str]:
    return rows(path, position=0, most=1)[0][0].cells


def rows(path: Path, *, position: int, most: int) -> tuple[list[Row], int]:
    """The next rows from a position, and the position behind them; fewer where they are long."""
    found: list[Row] = []
    end = position + _MOST_AT_ONCE
    with path.open("rb") as file:
        file.seek(position)
        for line in islice(file, most):
            found.append(Row(*json.loads(line)))
            position += len(line)
            if position > end:
                break
    return found, position


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
