"""Reads a list as programs write them: any delimiter, the usual encodings, quoted cells with line breaks.

1. The encoding: a byte order mark says it; otherwise each line is UTF-8 if its bytes are valid UTF-8, else
   Windows-1252: lists that were put together from several programs hold both.
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
from contextlib import suppress
from itertools import islice
from typing import IO

from tenants.errors import Invalid

MOST_BYTES = 200 << 20
MOST_ROWS = 1_000_000
MOST_COLUMNS = 200
MOST_IN_ROW = 200_000
"""Characters. Some thousand rows are in memory at once."""

_DELIMITERS = (";", "\t", ",")
_UNDIVIDED = "\x1f"
"""The delimiter of a list with one column: no text contains it."""

_END = "\x1e"
_SAMPLE, _SAMPLED_LINES, _SAMPLED_RECORDS = 1 << 16, 500, 50
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
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


class TooLarge(Invalid):
    """The file is larger than 200 MB: please divide it."""

    code = "import_too_large"


class TooManyRows(Invalid):
    """The list has more than 1,000,000 rows: please divide it."""

    code = "import_too_many_rows"


class TooManyColumns(Invalid):
    """The list has more than 200 columns: please leave out those that are not needed."""

    code = "import_too_many_columns"


class RowTooLong(Invalid):
    """Row %(row)d is too long: please shorten its texts."""

    code = "import_row_too_long"


class OpenQuotes(Invalid):
    """A quotation mark in row %(row)d is never closed, so the rows below it cannot be told apart."""

    code = "import_open_quotes"


def records(stream: IO[bytes]) -> Iterator[Record]:
    """The heading, then every row that is not blank. ``stream`` can be wound back.

    Raises NothingInIt, OnlyHeading, NotText, TooLarge, TooManyRows, TooManyColumns, OpenQuotes.
    """
    check_size(stream)
    delimiter = _delimiter_of("".join(islice(decoded(stream), _SAMPLED_LINES))[:_SAMPLE])
    yield from within_limits(_numbered(decoded(stream), delimiter))


def check_size(stream: IO[bytes]) -> int:
    """In bytes. Raises NothingInIt, TooLarge."""
    size = stream.seek(0, os.SEEK_END)
    if size == 0:
        raise NothingInIt
    if size > MOST_BYTES:
        raise TooLarge
    return size


def decoded(stream: IO[bytes]) -> Iterator[str]:
    """The lines of a text from its beginning, as they end in the file.

    Raises NotText.
    """
    stream.seek(0)
    head = stream.read(4)
    stream.seek(0)
    marked = next((encoding for bom, encoding in _BOMS if head.startswith(bom)), "")
    for line in _marked(stream, marked) if marked else _unmarked(stream):
        if _NOT_IN_TEXT.search(line):
            raise NotText
        yield line


def _marked(stream: IO[bytes], encoding: str) -> Iterator[str]:
    text = io.TextIOWrapper(stream, encoding, newline="")
    try:
        yield from text
    except UnicodeDecodeError as error:
        raise NotText from error
    finally:
        text.detach()


def _unmarked(stream: IO[bytes]) -> Iterator[str]:
    for line in stream:
        text = _either(line)
        # An old Macintosh ends its lines with nothing but a carriage return.
        yield from io.StringIO(text, newline="") if "\r" in text[:-2] else (text,)


def _either(line: bytes) -> str:
    with suppress(UnicodeDecodeError):
        return line.decode("utf-8")
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError as error:
        raise NotText from error


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


def within_limits(numbered: Iterator[Record]) -> Iterator[Record]:
    count = -1
    for count, record in enumerate(numbered):
        if count > MOST_ROWS:
            raise TooManyRows
        if len(record[1]) > MOST_COLUMNS:
            raise TooManyColumns
        if sum(map(len, record[1])) > MOST_IN_ROW:
            raise RowTooLong(row=record[0])
        yield record
    if count < 0:
        raise NothingInIt
    if count == 0:
        raise OnlyHeading
