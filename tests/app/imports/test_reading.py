from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.imports import reading

HEADING = ["Name", "Ort", "Notiz"]


def read(content: bytes) -> list[list[str]]:
    return [cells for _, cells in reading.records(io.BytesIO(content))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_lists_are_read_in_every_usual_form(encoding: str, delimiter: str) -> None:
    lines = [HEADING, ["Jörg Müßig", "Köln", "größer"], ["Zoë", "Genève", "5 €"]]
    content = "\r\n".join(delimiter.join(cells) for cells in lines).encode(encoding)

    assert read(content) == lines


def test_quoted_cells_keep_line_breaks_delimiters_and_quotes() -> None:
    content = 'Name;Notiz\r\n"Müller; Hans";"erste Zeile\r\nzweite ""Zeile"""\r\nMeier;kurz\r\n'

    assert read(content.encode("cp1252"))[1:] == [
        ["Müller; Hans", 'erste Zeile\r\nzweite "Zeile"'],
        ["Meier", "kurz"],
    ]


def test_a_list_put_together_from_two_programs_is_read_line_by_line() -> None:
    content = b"Name;Ort\n" + "Müller;Köln\n".encode() + "Groß;München\n".encode("cp1252")

    assert read(content)[1:] == [["Müller", "Köln"], ["Groß", "München"]]


def test_lines_that_end_with_a_carriage_return_only_are_read() -> None:
    assert read("Name;Ort\rMüller;Köln\rMeier;Ulm".encode()) == [["Name", "Ort"], ["Müller", "Köln"], ["Meier", "Ulm"]]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    content = b"sep=;\r\nName;Ort\r\nA;B\r\n\r\n;\r\nC;D"

    assert [(number, cells[0]) for number, cells in reading.records(io.BytesIO(content))] == [
        (1, "Name"),
        (2, "A"),
        (5, "C"),
    ]


def test_a_list_of_one_column_is_not_cut_at_its_commas() -> None:
    assert read(b"Name\nMueller, Hans\nMeier, Anna, Dr.\n")[1] == ["Mueller, Hans"]


def test_commas_in_the_heading_do_not_outvote_the_semicolons_of_all_rows() -> None:
    assert read(b"Name, Vorname;Ort;Tel, Fax\nMueller;Ulm;1\nMeier;Bonn;2\n")[1] == ["Mueller", "Ulm", "1"]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", reading.NothingInIt),
        (b"\r\n\r\n  \r\n", reading.NothingInIt),
        (b"Name;Ort\r\n;\r\n", reading.OnlyHeading),
        (b"Name;Ort\nA\0B;C\n", reading.NotText),
        (b"\x89PNG\r\n\x1a\n\0\0\0", reading.NotText),
        (b"Name;Ort\nM\x81ller;Ulm\n", reading.NotText),
        ("Name;Ort\nA;B\n".encode("utf-16")[:-1], reading.NotText),
        (b";".join([b"h"] * 201) + b"\nA\n", reading.TooManyColumns),
        (b'Name;Ort\nA;B\n"C;D\nE;F\n', reading.OpenQuotes),
        (b'Name;Ort\n"' + b"x" * 200_000 + b"\n", reading.OpenQuotes),
        (b"x" * (reading.MOST_BYTES + 1), reading.TooLarge),
        (b"Name\n" + b"A\n" * (reading.MOST_ROWS + 1), reading.TooManyRows),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read(content)


def test_the_largest_list_that_is_allowed_is_read() -> None:
    assert len(read(b"Name\n" + b"A\n" * reading.MOST_ROWS)) == reading.MOST_ROWS + 1


def _could_be_utf8(content: bytes) -> bool:
    """Whether some line of Windows-1252 is UTF-8 by chance: nobody can tell that "Ã¼" was meant."""
    for line in content.splitlines():
        try:
            if not line.isascii() and line.decode():
                return True
        except UnicodeDecodeError:
            continue
    return False


_LETTERS = st.characters(codec="cp1252", exclude_categories=["Cc", "Cs"]) | st.sampled_from(list("\n,;\t\"' "))
_CELLS = st.text(_LETTERS, max_size=20)
_ROWS = st.lists(st.lists(_CELLS, min_size=3, max_size=3).filter(lambda row: any(map(str.strip, row))), min_size=1)


@given(
    rows=_ROWS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    dialect=st.fixed_dictionaries(
        {
            "delimiter": st.sampled_from([",", ";", "\t"]),
            "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
            # Python's writer leaves a line feed in a cell bare unless it ends lines with one too.
            "lineterminator": st.sampled_from(["\r\n", "\n"]),
        }
    ),
)
def test_whatever_a_program_writes_is_read_as_it_was(rows: Any, encoding: str, dialect: Any) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, **dialect).writerows([HEADING, *rows])
    assume(encoding != "cp1252" or not _could_be_utf8(out.getvalue().encode(encoding)))

    assert read(out.getvalue().encode(encoding)) == [HEADING, *rows]
