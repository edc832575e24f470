"""vCards 2.1, 3.0 and 4.0 as a list: one row a card, the columns that any of them uses.

1. Lines are unfolded; what an old program broke with "=" is put together.
2. A property is a name, parameters and a value, which may be quoted-printable in an encoding of its own.
3. The properties that a list has a column for become cells; further mails and numbers are kept in the last one.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, NamedTuple

from app.imports import reading
from app.imports.reading import Record
from tenants.errors import Invalid

_BEGIN = re.compile(rb"\s*BEGIN:VCARD\s", re.IGNORECASE)
_WANTED = frozenset({"N", "FN", "ORG", "TITLE", "ROLE", "EMAIL", "TEL", "ADR", "URL", "NOTE"})
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BETWEEN = re.compile(r"(?<!\\);")
_QUOTED = re.compile(r'"[^"]*"?')
# Possessive ("++"): what was matched is never given back, so a hostile line is read once and not once a letter.
_HEAD = re.compile(r'((?:[^:"]++|"[^"]*+")*+):(.*)', re.DOTALL)
_LONGEST = 1 << 16
"""Characters of a logical line that are looked at."""

_MOST_MORE = 200
"""Further mails, numbers and the like of one card that are kept."""

_ENCODINGS = frozenset(
    (
        "utf-8 utf8 us-ascii ascii utf-16 shift_jis euc-jp iso-2022-jp gb2312 gbk gb18030 big5 euc-kr koi8-r koi8-u "
        + " ".join(f"iso-8859-{part}" for part in (*range(1, 12), *range(13, 17)))
        + " ".join(f" windows-{page} cp{page}" for page in range(1250, 1259))
    ).split()
)
"""Those that phones and mail programs write. Python knows others that are no encodings of text and fail in ways of
their own.
"""

_COLUMNS = (
    "title",
    "given",
    "family",
    "company",
    "role",
    "email",
    "email_2",
    "phone",
    "mobile",
    "fax",
    "website",
    "street",
    "postal_code",
    "city",
    "country",
    "note",
    "more",
)


class Cells(dict[str, str]):
    """By column. Further mails, numbers and the like stand apart, so that each is copied once."""

    def __init__(self) -> None:
        super().__init__()
        self.more: list[str] = []


class OpenCard(Invalid):
    """A card in this file has no end: please export the contacts once more."""

    code = "import_open_card"


class Property(NamedTuple):
    name: str
    kinds: frozenset[str]
    """What its parameters say it is, in capitals: HOME, CELL, FAX, PREF ..."""

    value: str

    def parts(self) -> list[str]:
        return [_bare(part) for part in _BETWEEN.split(self.value)]

    def text(self) -> str:
        return _bare(self.value)


def are_these(stream: IO[bytes]) -> bool:
    stream.seek(0)
    return _BEGIN.match(stream.read(80).removeprefix(b"\xef\xbb\xbf")) is not None


def records(stream: IO[bytes]) -> Iterator[Record]:
    """The first one names the columns. Read twice, so that no list of cards stands in memory.

    Raises OpenCard and what limits refuse.
    """
    used = {name for cells in _cards(stream) for name in cells}
    columns = [name for name in _COLUMNS if name in used]
    yield from reading.within_limits(_rows(stream, columns))


def _rows(stream: IO[bytes], columns: list[str]) -> Iterator[Record]:
    yield 1, columns
    for number, cells in enumerate(_cards(stream), 2):
        if cells:
            yield number, [cells.get(name, "") for name in columns]


def _cards(stream: IO[bytes]) -> Iterator[Cells]:
    """Raises OpenCard. A card inside of another, as some programs write an assistant, is passed over."""
    depth, cells = 0, Cells()
    for line in _unfolded(reading.decoded(stream)):
        begins_or_ends = line.strip().upper()
        if begins_or_ends == "BEGIN:VCARD":
            depth += 1
        elif begins_or_ends == "END:VCARD":
            depth = max(0, depth - 1)
            if depth == 0:
                yield _settled(cells)
                cells = Cells()
        elif depth == 1 and (found := _property(line)) is not None:
            _take(found, cells)
    if depth > 0:
        raise OpenCard


def _unfolded(lines: Iterator[str]) -> Iterator[str]:
    """Logical lines. Of what is longer than any text, as a photo, only the beginning."""
    pieces: list[str] = []
    size, soft, quoted = 0, False, False
    for physical in lines:
        line = physical.rstrip("\r\n")
        if not (soft or line[:1] in {" ", "\t"}):
            if pieces:
                yield "".join(pieces)
            pieces, size = [], 0
            quoted = "QUOTED-PRINTABLE" in line.partition(":")[0].upper()
        elif not soft:
            line = line[1:]
        soft = quoted and line.endswith("=")
        if size < _LONGEST:
            pieces.append((line.removesuffix("=") if soft else line)[:_LONGEST])
            size += len(line) + 1
    if pieces:
        yield "".join(pieces)


def _property(line: str) -> Property | None:
    """None where a list has no column for it."""
    match = _HEAD.match(line)
    if match is None:
        return None
    name, *said = _parameters(match.group(1).upper())
    name = name.rpartition(".")[2].strip()
    if name not in _WANTED:
        return None
    kinds = frozenset(kind for one in said for kind in one.removeprefix("TYPE=").split(","))
    value = _printed(match.group(2), said) if any("QUOTED-PRINTABLE" in one for one in said) else match.group(2)
    return Property(name, kinds, _NOT_IN_TEXT.sub("", value))


def _parameters(head: str) -> list[str]:
    """Cut at the semicolons that stand outside of quotes, without the quotes."""
    bare = _QUOTED.sub(lambda quoted: quoted.group().strip('"').replace(";", "\0"), head)
    return [part.replace("\0", ";") for part in bare.split(";")]


def _printed(value: str, said: list[str]) -> str:
    named = next((one.removeprefix("CHARSET=") for one in said if one.startswith("CHARSET=")), "UTF-8").lower()
    found = quopri.decodestring(value.encode("utf-8"))
    for encoding in (named, "cp1252") if named in _ENCODINGS else ("utf-8", "cp1252"):
        with suppress(UnicodeError):
            return found.decode(encoding)
    return found.decode("latin-1")


def _bare(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match.group(1) in "nN" else match.group(1), value).strip()


def _take(found: Property, cells: Cells) -> None:
    match found.name:
        case "N":
            _name(found.parts(), cells)
        case "FN":
            cells.setdefault("full", found.text())
        case "ORG":
            _first(cells, "company", found.parts()[0])
        case "TITLE" | "ROLE":
            _first(cells, "role", found.text())
        case "EMAIL":
            _one_of(cells, ("email", "email_2"), found.text().removeprefix("mailto:"))
        case "TEL":
            _one_of(cells, _numbers(found.kinds), found.text().removeprefix("tel:"))
        case "ADR":
            _address(found.parts(), cells)
        case _:
            _first(cells, "website" if found.name == "URL" else "note", found.text())


def _name(parts: list[str], cells: Cells) -> None:
    family, given, middle, prefix, *_ = [*parts, "", "", "", ""]
    told = {"title": prefix, "family": family, "given": " ".join(filter(None, (given, middle)))}
    if family or given:
        cells.update({**dict.fromkeys(("title", "given", "family"), ""), **told})


def _settled(cells: Cells) -> Cells:
    """With the name from one line where the card has no other; on the card of a firm, that is the firm's."""
    name = cells.pop("full", "")
    if not (cells.get("family") or cells.get("given")) and name != cells.get("company"):
        cells["given"], _, cells["family"] = name.rpartition(" ")
    cells["more"] = "; ".join(filter(None, cells.more))
    for name in [name for name, value in cells.items() if not value]:
        del cells[name]
    return cells


def _address(parts: list[str], cells: Cells) -> None:
    _, extended, street, city, _, postal_code, country, *_ = [*parts, *[""] * 7]
    told = {"street": street or extended, "city": city, "postal_code": postal_code, "country": country}
    if any(cells.get(name) for name in told):
        _more(cells, ", ".join(filter(None, told.values())))
    else:
        cells.update(told)


def _numbers(kinds: frozenset[str]) -> tuple[str, ...]:
    if "FAX" in kinds:
        return ("fax",)
    return ("mobile", "phone") if kinds & {"CELL", "IPHONE"} else ("phone", "mobile")


def _one_of(cells: Cells, names: tuple[str, ...], value: str) -> None:
    free = next((name for name in names if not cells.get(name)), "")
    if free:
        cells[free] = value
    else:
        _more(cells, value)


def _first(cells: Cells, name: str, value: str) -> None:
    if cells.get(name):
        _more(cells, value)
    else:
        cells[name] = value


def _more(cells: Cells, value: str) -> None:
    if len(cells.more) < _MOST_MORE:
        cells.more.append(value)
