"""Files that were made to hurt: each ends with a sentence, leaves nothing, and hurts nobody else."""

from __future__ import annotations

import io
import random
import threading
import time
import zipfile
from collections.abc import Callable
from tempfile import TemporaryFile
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.imports.reading import Record
from app.imports.uploaded import Upload
from tenants.errors import Refusal
from tests.app.imports.lists import kept_files, stored, upload, work_off
from tests.app.imports.test_workbooks import far_corner
from tests.app.imports.workbooks import ods, xlsx
from tests.firms import Firm

CARD = "BEGIN:VCARD\n{}\nFN:Ada Lovelace\nEND:VCARD\n"
DEEP = "<a>" * 1_000_000
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 20}">' for n in range(12)
)


def with_sheet(xml: str) -> bytes:
    """A workbook whose sheet is this."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx({"A": [("A",)]}))) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.namelist():
            target.writestr(part, xml if "sheet1" in part else source.read(part))
    return packed.getvalue()


def of_many_parts() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for number in range(3000):
            target.writestr(f"xl/{number}.xml", "")
        target.writestr("xl/workbook.xml", "")
    return packed.getvalue()


def repeated() -> bytes:
    """One cell that says it stands there a billion times."""
    packed, many = io.BytesIO(), 'table:number-rows-repeated="1048576"'
    with zipfile.ZipFile(io.BytesIO(ods([("A", "B")]))) as source, zipfile.ZipFile(packed, "w") as target:
        for part in source.namelist():
            content = source.read(part).decode()
            content = content.replace("<table:table-row", f"<table:table-row {many}")
            content = content.replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="16384"')
            target.writestr(part, content)
    return packed.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "endless quoted cell": lambda: b'Name;Ort\n"' + b"x\n" * 500_000,
    "one line": lambda: b"x" * 5_000_000,
    "10,000 columns": lambda: b"h;" * 10_000 + b"\n" + b"a;" * 10_000,
    "millions of columns": lambda: b"h\n" + b";" * 20_000_000,
    "long row": lambda: b"Name\n" + b";".join([b"x" * 100_000] * 3),
    "NUL": lambda: b"Name\nA\0B\n",
    "half a letter": lambda: "Name\nA\n".encode("utf-16")[:-1],
    "nothing but carriage returns": lambda: b"\r" * 2_000_000,
    "nothing but quotes": lambda: b'"' * 2_000_000,
    "open card": lambda: b"BEGIN:VCARD\n" * 100_000,
    "card in a card": lambda: b"BEGIN:VCARD\n" * 50_000 + b"END:VCARD\n" * 50_000,
    "no zip": lambda: b"PK\x03\x04" + random.Random(1).randbytes(100_000),
    "many parts": of_many_parts,
    "far corner": far_corner,
    "deep XML": lambda: with_sheet(DEEP),
    "a billion laughs": lambda: with_sheet(f"{LAUGHS}]><worksheet><sheetData>&l;</sheetData></worksheet>"),
    "billions of cells": repeated,
    "old workbook": lambda: b"\xd0\xcf\x11\xe0" + bytes(1000),
}
SLOW_BEFORE = {
    "parameters": lambda: CARD.format("FN" + ";" * 20_000 + ":A").encode(),
    "many parameters": lambda: CARD.format("FN" + ";" * 2_000_000 + ":A").encode(),
    "quoted parameters": lambda: CARD.format("FN" + ';"' * 500_000 + ":A").encode(),
    "many mails": lambda: CARD.format("EMAIL:a@b.example\n" * 100_000).encode(),
}


def imported(firm: Firm, content: bytes) -> UUID:
    answer = upload(firm, content)
    assert answer.status_code == 303, answer.text
    work_off(firm)
    return UUID(answer.location.rpartition("/")[2])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_ends_with_a_sentence_and_leaves_nothing(acme: Firm, kind: str) -> None:
    before = kept_files(acme)

    import_id = imported(acme, HOSTILE[kind]())

    one = stored(acme, import_id)
    assert one.state == "unreadable"
    assert one.refusal in acme.client().get(f"{acme.url}/imports/{import_id}").text.replace("&#39;", "'")
    assert len(one.refusal) > 20
    assert kept_files(acme) == before


@pytest.mark.timeout(300)
def test_another_firms_pages_answer_while_hostile_files_are_read(acme: Firm, globex: Firm) -> None:
    for make in SLOW_BEFORE.values():
        upload(acme, make())
    client, over = globex.client(), threading.Event()
    client.get(f"{globex.url}/contacts")
    took = []

    def read() -> None:
        work_off(acme)
        over.set()

    worker = threading.Thread(target=read)
    worker.start()
    while not over.is_set():
        before = time.monotonic()
        assert client.get(f"{globex.url}/contacts").status_code == 200
        took.append(time.monotonic() - before)
        time.sleep(0.05)
    worker.join()

    # Each of them took minutes, and whoever read it answered nobody meanwhile.
    assert max(took) < 10


HEADS = [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"BEGIN:VCARD\n", b"sep=;\n", b"\xff\xfe", b"a;b\n"]
TAILS = [b"", b"\nEND:VCARD\n", b'"', b"\r"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(head=st.sampled_from(HEADS), body=st.binary(max_size=2000), tail=st.sampled_from(TAILS))
def test_whatever_bytes_come_there_are_rows_or_a_refusal(head: bytes, body: bytes, tail: bytes) -> None:
    found = rows_or_refusal(head + body + tail or b"\0")

    assert isinstance(found, Refusal) or len(found) > 1


def rows_or_refusal(content: bytes) -> list[Record] | Refusal:
    with TemporaryFile() as file:
        file.write(content)
        file.flush()
        try:
            with Upload(file, sheet="") as upload:
                upload.names()
                return list(upload.records())
        except Refusal as refusal:
            return refusal
