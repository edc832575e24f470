from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from app.attachments.models import Attachment
from config.quotas import quotas
from tests.app.attachments.contents import PDF, archive, document, picture
from tests.app.imports.lists import work_off
from tests.firms import Firm, visitor_with_role
from tests.records import add_company, add_contact


def upload(firm: Firm, address: str, *files: tuple[bytes, str]) -> str:
    """What the record's page says afterwards."""
    sent = {"file": [(io.BytesIO(content), name) for content, name in files]}
    client = firm.client()
    shown = client.post(f"{firm.url}/files/{address}", data=sent, follow_redirects=True)
    work_off(firm)
    return shown.text + client.get(f"{shown.request.path}?panels=all").text


def attached(firm: Firm, content: bytes, name: str) -> str:
    """The address of a file on a new contact."""
    upload(firm, f"contact/{add_contact(firm)}", (content, name))
    with firm.work() as session:
        return f"{firm.url}/files/{session.query(Attachment.id).scalar()}"


def get(firm: Firm, address: str) -> TestResponse:
    return firm.client().get(address, buffered=True)


def kept(firm: Firm) -> list[tuple[str, str]]:
    with firm.work() as session:
        return [(one.name, one.mime) for one in session.query(Attachment).order_by(Attachment.name)]


def on_disk(firm: Firm) -> set[Path]:
    from config.settings import settings

    return set((settings().home / "files" / str(firm.scope.tenant_id)).glob("*"))


def test_several_files_are_attached_to_records_of_any_kind(acme: Firm) -> None:
    for address in (f"contact/{add_contact(acme)}", f"company/{add_company(acme)}"):
        page = upload(acme, address, (b"Dear all", "letter.txt"), (PDF, "plan.pdf"))

        assert "The files are attached." in page
        assert "letter.txt" in page
        assert "plan.pdf" in page
        assert "8 bytes" in page


@pytest.mark.parametrize(
    ("content", "name", "mime"),
    [
        (picture(), "a.png", "image/png"),
        (picture("JPEG"), "a.JPEG", "image/jpeg"),
        (picture("GIF"), "a.gif", "image/gif"),
        (picture("WEBP"), "a.webp", "image/webp"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "a.heic", "image/heic"),
        (PDF, "a.pdf", "application/pdf"),
        (document("word"), "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (document("xl"), "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(40), "a.doc", "application/msword"),
        ("Größe;Preis".encode("cp1252"), "a.csv", "text/csv"),
        ("Grüße".encode("utf-16"), "a.txt", "text/plain"),
        (picture("JPEG"), "photo", "image/jpeg"),
    ],
)
def test_a_file_is_what_its_content_and_its_name_say(acme: Firm, content: bytes, name: str, mime: str) -> None:
    upload(acme, f"contact/{add_contact(acme)}", (content, name))

    assert kept(acme) == [(name, mime)]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"MZ\x90\0", "report.pdf", "“report.pdf” is a program"),
        (b"\x7fELF", "notes.txt", "“notes.txt” is a program"),
        (b"#!/bin/sh\nrm", "notes.txt", "“notes.txt” is a program"),
        (b"echo", "setup.exe", "“setup.exe” is a program"),
        (b"<script>alert(1)</script>", "page.html", "“page.html” is of a kind that is not accepted"),
        (b"<svg onload='x'/>", "drawing.svg", "“drawing.svg” is of a kind that is not accepted"),
        (archive(), "things.zip", "“things.zip” is of a kind that is not accepted"),
        (archive(), "letter.docx", "What is in “letter.docx” is not what its name says"),
        (document("xl"), "letter.docx", "What is in “letter.docx” is not what its name says"),
        (picture("PNG"), "photo.jpg", "What is in “photo.jpg” is not what its name says"),
        (b"<script>alert(1)</script>", "photo.png", "What is in “photo.png” is not what its name says"),
        (b"a\0b", "notes.txt", "What is in “notes.txt” is not what its name says"),
        (b"", "notes.txt", "“notes.txt” is empty."),
        (b"x" * 25_000_001, "notes.txt", "“notes.txt” is too large: a file may have 25 MB."),
    ],
)
def test_what_is_not_accepted_leaves_nothing_and_says_why(acme: Firm, content: bytes, name: str, said: str) -> None:
    before = on_disk(acme)

    page = upload(acme, f"contact/{add_contact(acme)}", (content, name))

    assert said in page
    assert kept(acme) == []
    assert on_disk(acme) == before


def test_of_several_files_the_good_ones_are_kept(acme: Firm) -> None:
    page = upload(acme, f"contact/{add_contact(acme)}", (PDF, "plan.pdf"), (b"MZ", "setup.exe"))

    assert "“setup.exe” is a program" in page
    assert kept(acme) == [("plan.pdf", "application/pdf")]


def test_where_there_is_no_room_for_all_the_page_says_so_and_nothing_is_kept(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, before = replace(quotas(), storage_bytes=len(PDF) + 10), on_disk(acme)
    monkeypatch.setattr("tenants.quotas.quotas", lambda: small)

    page = upload(acme, f"contact/{add_contact(acme)}", (PDF, "plan.pdf"), (PDF, "again.pdf"))

    assert "There is no room for “again.pdf”" in page
    assert "Jürgen Müller" in page
    assert kept(acme) == []
    assert on_disk(acme) == before


def test_without_a_file_the_page_asks_for_one(acme: Firm) -> None:
    assert "Please choose a file first." in upload(acme, f"contact/{add_contact(acme)}")


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Ada\\Brief.txt", "Brief.txt"),
        ("photo\u202egnp.txt", "photognp.txt"),
        ('what "is" <this>?.txt', "what _is_ _this__.txt"),
        ("con.txt", "_con.txt"),
        ("  .txt ", "txt"),
        ("x" * 300 + ".txt", "x" * 116 + ".txt"),
    ],
)
def test_a_name_is_cleaned(given: str, cleaned: str) -> None:
    from app.attachments.kinds import cleaned as clean

    assert clean(given) == cleaned


def test_a_file_is_a_download_in_which_nothing_runs(acme: Firm) -> None:
    address = attached(acme, "Grüße <script>".encode(), "Grüße.txt")

    answer = get(acme, address)

    assert answer.data == "Grüße <script>".encode()
    assert answer.mimetype == "text/plain"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert get(acme, f"{address}/view").status_code == 404
    assert get(acme, f"{address}/preview").status_code == 404


def test_an_image_is_seen_small_upright_and_without_what_it_knows_of_its_maker(acme: Firm) -> None:
    address = attached(acme, picture("JPEG", size=(1600, 800), turned=True), "photo.jpg")

    answer = get(acme, f"{address}/preview")
    with Image.open(io.BytesIO(answer.data)) as small:
        assert small.size == (320, 640)
        assert not small.getexif()

    assert b"a secret place" not in answer.data
    assert answer.mimetype == "image/jpeg"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    whole = get(acme, f"{address}/view")
    assert (whole.mimetype, whole.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert "attachment" not in whole.headers.get("Content-Disposition", "")


def test_what_shines_through_becomes_white(acme: Firm) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 0)).save(out, "PNG")

    answer = get(acme, f"{attached(acme, out.getvalue(), 'glass.png')}/preview")

    with Image.open(io.BytesIO(answer.data)) as small:
        assert small.getpixel((5, 5)) == (255, 255, 255)


def test_an_image_that_would_fill_the_memory_is_kept_without_being_unpacked(acme: Firm) -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")

    address = attached(acme, out.getvalue(), "bomb.png")

    assert get(acme, f"{address}/preview").status_code == 404
    assert get(acme, f"{address}/view").status_code == 404
    assert get(acme, address).data == out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        picture("PNG")[:60],
        picture("JPEG")[:200],
        b"GIF89a" + b"\xff" * 1000,
        b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\xff" * 1000,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 5000,
    ],
    ids=["cut png", "cut jpeg", "gif", "webp", "png of zeros"],
)
def test_an_image_that_cannot_be_read_is_a_download_that_no_browser_shows(acme: Firm, content: bytes) -> None:
    address = attached(acme, content, "photo")

    assert get(acme, f"{address}/preview").status_code == 404
    assert get(acme, f"{address}/view").status_code == 404
    assert get(acme, address).data == content


def test_no_request_looks_into_an_image_and_its_picture_is_no_event_of_its_own(acme: Firm) -> None:
    contact_id = add_contact(acme)
    sent = {"file": (io.BytesIO(picture()), "photo.png")}
    acme.client().post(f"{acme.url}/files/contact/{contact_id}", data=sent)
    before = acme.client().get(f"{acme.url}/contacts/{contact_id}?show=timeline").text

    assert "/preview" not in acme.client().get(f"{acme.url}/contacts/{contact_id}?panels=all").text
    work_off(acme)

    assert "/preview" in acme.client().get(f"{acme.url}/contacts/{contact_id}?panels=all").text
    after = acme.client().get(f"{acme.url}/contacts/{contact_id}?show=timeline").text
    assert after.count("photo.png") == before.count("photo.png")
    assert after.count("<time") == before.count("<time")


def test_a_pdf_opens_in_the_browser_and_is_nothing_else(acme: Firm) -> None:
    answer = get(acme, f"{attached(acme, PDF, 'plan.pdf')}/view")

    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_removed_file_is_gone_until_it_is_taken_back(acme: Firm) -> None:
    address, client = attached(acme, PDF, "plan.pdf"), acme.client()

    page = client.post(f"{address}/delete", follow_redirects=True).text
    assert "“plan.pdf” is removed." in page
    assert f'action="{address}/restore"' in page
    assert get(acme, address).status_code == 404

    assert "plan.pdf" in client.post(f"{address}/restore", follow_redirects=True).text
    assert get(acme, address).data == PDF


def test_the_history_names_files_that_came_and_went(acme: Firm) -> None:
    contact_id = add_contact(acme)
    upload(acme, f"contact/{contact_id}", (PDF, "plan.pdf"))
    with acme.work() as session:
        address = f"{acme.url}/files/{session.query(Attachment.id).scalar()}"
    acme.client().post(f"{address}/delete")

    told = acme.client().get(f"{acme.url}/contacts/{contact_id}?show=timeline").text

    assert "<ins>plan.pdf</ins>" in told
    assert "<del>plan.pdf</del>" in told


def test_with_its_record_a_file_lies_in_the_recycle_bin(acme: Firm) -> None:
    address = attached(acme, PDF, "plan.pdf")
    with acme.work() as session:
        contact_id: UUID = session.query(Attachment.record_id).scalar()

    acme.client().post(f"{acme.url}/contacts/{contact_id}/delete")

    assert get(acme, address).status_code == 404
    assert get(acme, f"{address}/view").status_code == 404
    upload(acme, f"contact/{contact_id}", (PDF, "late.pdf"))
    assert kept(acme) == [("plan.pdf", "application/pdf")]


def test_a_file_of_another_firm_is_not_there(acme: Firm, globex: Firm) -> None:
    address = attached(acme, PDF, "plan.pdf")
    theirs = address.replace(acme.url, globex.url)

    assert globex.client().get(theirs).status_code == 404
    assert globex.client().get(address).status_code == 404
    assert globex.client().post(f"{theirs}/delete").status_code == 404
    assert get(acme, address).data == PDF


def test_who_may_only_look_can_download_and_sees_no_way_to_change(acme: Firm) -> None:
    address = attached(acme, PDF, "plan.pdf")
    with acme.work() as session:
        contact_id = session.query(Attachment.record_id).scalar()

    with visitor_with_role(acme, "reader") as reader:
        page = reader.get(f"{acme.url}/contacts/{contact_id}").text
        assert reader.get(address, buffered=True).data == PDF
        assert reader.post(f"{address}/delete").status_code == 403

    assert "plan.pdf" in page
    assert not re.search(r'type="file"', page)
    assert "/delete" not in page


def test_a_photo_comes_with_the_complaint(acme: Firm) -> None:
    form = {"what": "Scratched", "photo": (io.BytesIO(picture("JPEG")), "image.jpg")}
    client = acme.client()
    complaint = client.post(f"{acme.url}/complaints/new", data=form, follow_redirects=True).request.path
    work_off(acme)
    page = client.get(complaint, headers={"Turbo-Frame": "panels"}).text

    assert "image.jpg" in page
    assert "/preview" in page


def test_a_complaint_with_a_photo_that_is_none_is_not_kept(acme: Firm) -> None:
    before = on_disk(acme)
    files = [(io.BytesIO(picture("JPEG")), "image.jpg"), (io.BytesIO(b"MZ"), "image.jpg")]

    answer = acme.client().post(f"{acme.url}/complaints/new", data={"what": "Scratched", "photo": files})

    assert answer.status_code == 422
    assert "“image.jpg” is a program" in answer.text
    assert 'value="Scratched"' in answer.text
    assert "No complaints yet" in acme.client().get(f"{acme.url}/complaints").text
    assert on_disk(acme) == before
