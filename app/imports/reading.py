"""Reads a list as programs write them: any delimiter, the usual encodings, quoted cells with line breaks.

1. The encoding: a byte order mark says it; otherwise UTF-8 if the bytes are valid UTF-8, else Windows-1252.
2. The delimiter: a line ``sep=;`` says it; otherwise the one that cuts heading and rows alike.
3. The records, as a stream; blank ones are counted, because a spreadsheet counts them, and left out.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO

from tenants.errors import Invalid

MOST_BYTES = 20 << 20
MOST_ROWS = 100_000
MOST_COLUMNS = 200

_DELIMITERS = (";", "\t", ",")
_UNDIVIDED = "\x1f"
"""The delimiter of a list with one column: no text contains it."""

_END = "\x1e"
_SAMPLE, _SAMPLED_RECORDS = 1 << 16, 50
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_UNMARKED = ("utf-8", "cp1252")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")
_SEPARATOR_LINE = re.compile(r"sep=([;,|\t])\s*", re.IGNORECASE)

Record = tuple[int, list[str]]
"""(number as a spreadsheet shows it, cells)"""


class NothingInIt(Invalid):
    """There is nothing in it: the list is empty."""

    code = "import_empty"


class OnlyHeading(Invalid):
    """The list has a heading but no rows below it."""

    code = "import_only_heading"


class NotText(Invalid):
    """This is not a list that can be read: please save it as CSV (UTF-8) in the program it comes from."""

    code = "import_not_text"


class IsWorkbook(Invalid):
    """This is an Excel workbook: please save it as CSV in Excel (“Save as”), and take that file."""

    code = "import_workbook"


class TooLarge(Invalid):
    """The file is larger than 20 MB: please divide it."""

    code = "import_too_large"


class TooManyRows(Invalid):
    """The list has more than 100,000 rows: please divide it."""

    code = "import_too_many_rows"


class TooManyColumns(Invalid):
    """The list has more than 200 columns: please leave out those that are not needed."""

    code = "import_too_many_columns"


class OpenQuotes(Invalid):
    """A quotation mark in row %(row)d is never closed, so the rows below it cannot be told apart."""

    code = "import_open_quotes"


def records(stream: IO[bytes]) -> Iterator[Record]:
    """The heading, then every row that is not blank. ``stream`` can be wound back.

    Raises NothingInIt, OnlyHeading, NotText, IsWorkbook, TooLarge, TooManyRows, TooManyColumns, OpenQuotes.
    """
    encoding = _encoding_of(stream)
    delimiter = _delimiter_of(_sample(stream, encoding))
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding, newline="")
    try:
        yield from _within_limits(_numbered(text, delimiter))
    finally:
        text.detach()


def _encoding_of(stream: IO[bytes]) -> str:
    head = _head(stream)
    marked = [encoding for bom, encoding in _BOMS if head.startswith(bom)]
    for encoding in marked or _UNMARKED:
        if _decodes(stream, encoding):
            return encoding
    raise NotText


def _head(stream: IO[bytes]) -> bytes:
    """The first bytes, unless they or the size already say that this is nothing to read."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    head = stream.read(4)
    if size == 0:
        raise NothingInIt
    if size > MOST_BYTES:
        raise TooLarge
    if head in _WORKBOOKS:
        raise IsWorkbook
    return head


def _decodes(stream: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    try:
        while piece := stream.read(1 << 20):
            if _NOT_IN_TEXT.search(decoder.decode(piece)):
                raise NotText
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sample(stream: IO[bytes], encoding: str) -> str:
    stream.seek(0)
    return codecs.getincrementaldecoder(encoding)().decode(stream.read(_SAMPLE))


def _delimiter_of(sample: str) -> str:
    said = _SEPARATOR_LINE.match(sample.partition("\n")[0])
    if said:
        return said.group(1)
    best = max(_DELIMITERS, key=lambda delimiter: _fit(sample, delimiter))
    return best if _fit(sample, best) > (0, 0) else _UNDIVIDED


def _fit(sample: str, delimiter: str) -> tuple[float, int]:
    """How well a delimiter fits: the share of rows with as many cells as the heading, then how many."""
    cut = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        widths = [len(cells) for cells in islice(cut, _SAMPLED_RECORDS) if any(map(str.strip, cells))]
    except csv.Error:
        return 0, 0
    if not widths or widths[0] == 1:
        return 0, 0
    return widths.count(widths[0]) / len(widths), widths[0]


def _numbered(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """Raises OpenQuotes: a last line of our own must come out as a row of its own."""
    number, closed = 0, False
    reader = csv.reader(_with_end(lines), delimiter=delimiter)
    try:
        for cells in reader:
            if closed := cells == [_END]:
                break
            number += 1
            if any(map(str.strip, cells)):
                yield number, cells
    except csv.Error as error:
        raise OpenQuotes(row=number + 1) from error
    if not closed:
        raise OpenQuotes(row=number)


def _with_end(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number or not _SEPARATOR_LINE.fullmatch(line):
            yield line
    yield _END


def _within_limits(numbered: Iterator[Record]) -> Iterator[Record]:
    count = -1
    for count, record in enumerate(numbered):
        if count > MOST_ROWS:
            raise TooManyRows
        if len(record[1]) > MOST_COLUMNS:
            raise TooManyColumns
        yield record
    if count < 0:
        raise NothingInIt
    if count == 0:
        raise OnlyHeading
