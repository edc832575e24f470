from __future__ import annotations

import io
import resource
import zipfile
from collections import deque
from collections.abc import Iterator
from tempfile import TemporaryFile
from uuid import UUID

import pytest

from app.imports import reading, unpacking
from app.imports.uploaded import Upload
from tests.app.imports.lists import columns, count, kept_files, launch, stored, upload, work_off
from tests.app.imports.workbooks import ods, sheet_xml, xlsx
from tests.firms import Firm

ROWS = [("Nachname", "PLZ", "E-Mail"), ("Müller", 20457.0, "m@x.example"), (), ("Groß", "01067", "g@x.example")]


def streamed(content: bytes) -> Iterator[tuple[int, list[str]]]:
    with TemporaryFile() as file:
        file.write(content)
        file.flush()
        with Upload(file, sheet="") as upload:
            upload.names()
            yield from upload.records()


def read(content: bytes) -> list[tuple[int, list[str]]]:
    return list(streamed(content))


def uploaded(firm: Firm, content: bytes) -> UUID:
    answer = upload(firm, content, name="kontakte.xlsx")
    assert answer.status_code == 303, answer.text
    work_off(firm)
    return UUID(answer.location.rpartition("/")[2])


def test_a_workbook_is_read_as_it_looks_with_the_numbers_of_its_rows() -> None:
    assert read(xlsx({"Kontakte": ROWS})) == [
        (1, ["Nachname", "PLZ", "E-Mail"]),
        (2, ["Müller", "20457", "m@x.example"]),
        (4, ["Groß", "01067", "g@x.example"]),
    ]


def test_a_workbook_of_open_document_is_read_too() -> None:
    assert read(ods([("Name", "Ort"), ("Müller", "Köln")]))[1] == (2, ["Müller", "Köln"])


def test_a_workbook_becomes_contacts(acme: Firm) -> None:
    import_id = uploaded(acme, xlsx({"Kontakte": ROWS}))
    launch(acme, import_id)
    work_off(acme)

    assert count(acme, "contacts") == 2
    assert "Sheet of the workbook" not in acme.client().get(f"{acme.url}/imports/{import_id}").text


def test_another_sheet_can_be_chosen(acme: Firm) -> None:
    before = kept_files(acme)
    import_id = uploaded(acme, xlsx({"Leer": [], "Firmen": [("Firma",), ("Hafen AG",)], "Personen": ROWS}))
    assert "Hafen AG" in acme.client().get(f"{acme.url}/imports/{import_id}").text

    answer = acme.client().post(f"{acme.url}/imports/{import_id}/sheet", data={"sheet": "Personen"})

    assert answer.status_code == 303
    assert "The list is being read" in acme.client().get(answer.location).text
    work_off(acme)
    assert "Müller" in acme.client().get(f"{acme.url}/imports/{import_id}").text
    assert columns(acme, import_id) == ["family_name", "postal_code", "email"]
    assert len(kept_files(acme) - before) == 2
    launch(acme, import_id)
    work_off(acme)
    assert count(acme, "contacts") == 2


def test_an_empty_sheet_is_refused_and_the_other_one_stays(acme: Firm) -> None:
    import_id = uploaded(acme, xlsx({"Personen": ROWS, "Leer": []}))

    answer = acme.client().post(f"{acme.url}/imports/{import_id}/sheet", data={"sheet": "Leer"})

    assert answer.status_code == 303
    work_off(acme)
    assert "There is nothing in it" in acme.client().get(answer.location).text
    assert stored(acme, import_id).sheet == "Personen"


def bomb(*, size: int) -> bytes:
    """A valid workbook whose sheet is one long text; a thousandth of it is sent."""
    head, tail = (piece.encode() for piece in ("".join(sheet_xml([("A",)])).split("A<")[0], "</t></is></c></row>"))
    out, packed = io.BytesIO(xlsx({"A": [("A",)]})), io.BytesIO()
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            if "sheet1" not in part:
                target.writestr(part, source.read(part))
        with target.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(head)
            for _ in range(size >> 20):
                sheet.write(b"A" * (1 << 20))
            sheet.write(tail + b"</sheetData></worksheet>")
    return packed.getvalue()


def lying(content: bytes) -> bytes:
    """The same, whose directory says that the sheet is small."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        real = packed.getinfo("xl/worksheets/sheet1.xml").file_size
    return content.replace(real.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def far_corner() -> bytes:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    content = xlsx({"A": [("A",)]})
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(packed, "w") as target:
        for part in source.namelist():
            sheet = "".join(sheet_xml([])).replace("<sheetData>", f"<sheetData>{rows}")
            target.writestr(part, sheet if "sheet1" in part else source.read(part))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (lambda: b"PK\x03\x04 no workbook", unpacking.BrokenWorkbook),
        (lambda: xlsx({"A": []}), reading.NothingInIt),
        (lambda: xlsx({"A": [("Name",)]}), reading.OnlyHeading),
        (lambda: xlsx({"A": [["h"] * 201, ["A"]]}), reading.TooManyColumns),
        (lambda: xlsx({"A": [["Name"], *[["A"]] * (reading.MOST_ROWS + 1)]}), reading.TooManyRows),
        (lambda: bomb(size=1030 << 20), unpacking.WorkbookTooLarge),
        (lambda: lying(bomb(size=1100 << 20)), (unpacking.WorkbookTooLarge, unpacking.BrokenWorkbook)),
        (far_corner, unpacking.WorkbookTooLarge),
    ],
    ids=["no zip", "empty", "heading", "columns", "rows", "bomb", "lying bomb", "far corner"],
)
def test_what_cannot_be_read_is_refused_by_name_within_bounded_memory(
    monkeypatch: pytest.MonkeyPatch, content: object, refusal: object
) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 200_000)
    made = content()  # type: ignore[operator]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(refusal):  # type: ignore[call-overload]
        deque(streamed(made), maxlen=0)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_a_hostile_workbook_leaves_nothing(acme: Firm) -> None:
    before = kept_files(acme)

    import_id = uploaded(acme, bomb(size=1030 << 20))

    page = acme.client().get(f"{acme.url}/imports/{import_id}").text
    assert "too large to be read" in page
    assert "/imports/new" in page
    assert "Not readable" in acme.client().get(f"{acme.url}/imports").text
    assert kept_files(acme) == before
