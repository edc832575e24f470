"""Lists that are too large to be read while a person waits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from tests.app.imports.lists import columns, count, kept_files, launch, many, stored, upload, upload_by, work_off
from tests.app.imports.test_killed import kill_a_worker_when
from tests.firms import Firm, stranger

TAIL = "Hans;Letzter;;;;;;\r\n"


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.imports.intake.LARGE", 100)


def put_off(firm: Firm, content: str | bytes) -> UUID:
    answer = upload(firm, content.encode() if isinstance(content, str) else content)
    assert answer.status_code == 303, answer.text
    return UUID(answer.location.rpartition("/")[2])


def page(firm: Firm, import_id: UUID) -> str:
    return firm.client().get(f"{firm.url}/imports/{import_id}").text


def choose(firm: Firm, import_id: UUID, chosen: list[str]) -> None:
    sent = {"column": chosen, "way": "fill"}
    assert firm.client().post(f"{firm.url}/imports/{import_id}/columns", data=sent).status_code == 303


def while_it_is_read(monkeypatch: pytest.MonkeyPatch, act: Callable[[UUID], object], *, at: int) -> list[object]:
    """What a person's requests answer while the worker is at this row."""
    from app.imports import intake

    monkeypatch.setattr("app.imports.sheets._TOLD_EVERY", 100)
    real, heard = intake._tell, list[object]()

    def tell_and_be_asked(import_id: UUID, rows: int) -> None:
        real(import_id, rows)
        if rows == at:
            # A request has a context of its own, as a thread has.
            with ThreadPoolExecutor(1) as somebody:
                heard.append(somebody.submit(act, import_id).result())

    monkeypatch.setattr(intake, "_tell", tell_and_be_asked)
    return heard


def test_no_request_reads_what_was_uploaded(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.imports.sheets.Upload", None)

    import_id = put_off(acme, b"\0" * 3000)

    assert stored(acme, import_id).state == "reading"
    assert "The list is being read" in page(acme, import_id)


def test_columns_are_chosen_from_the_first_rows_while_the_others_are_read(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, chosen = kept_files(acme), ["given_name", "family_name", "", "", "email", "", "", ""]

    def choose_and_launch(import_id: UUID) -> str:
        shown = page(acme, import_id)
        choose(acme, import_id, chosen)
        refused = launch(acme, import_id)
        assert refused.status_code == 409
        assert "This list is still being read." in refused.text
        assert stored(acme, import_id).state == "reading"
        return shown

    heard = while_it_is_read(monkeypatch, choose_and_launch, at=200)
    import_id = put_off(acme, many(300))
    work_off(acme)

    (shown,) = heard
    assert "Hans0 · Hans1 · Hans2" in str(shown)
    assert "The rest of the list is being read: 200 rows so far." in str(shown)
    assert "Import 300 rows" not in str(shown)
    one = stored(acme, import_id)
    assert (one.state, one.total, one.done, one.mapping, one.way) == ("draft", 300, 0, chosen, "fill")
    assert "Import 300 rows" in page(acme, import_id)
    assert len(kept_files(acme) - before) == 1
    launch(acme, import_id)
    work_off(acme)
    assert (count(acme, "contacts"), count(acme, "companies")) == (300, 0)


def test_the_frame_says_when_all_is_read_and_nothing_that_was_chosen_is_lost(acme: Firm) -> None:
    import_id = put_off(acme, many(300))
    work_off(acme)

    frame = acme.client().get(f"{acme.url}/imports/{import_id}", headers={"Turbo-Frame": "reading"}).text

    assert "The list is read: 300 rows." in frame
    assert "data-over" in frame


def test_the_page_tells_how_far_it_is_and_of_a_cancelled_list_nothing_is_left(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept_files(acme)

    def cancel(import_id: UUID) -> bool:
        shown = page(acme, import_id)
        acme.client().post(f"{acme.url}/imports/{import_id}/cancel")
        return "200 rows so far" in shown

    heard = while_it_is_read(monkeypatch, cancel, at=200)
    import_id = put_off(acme, many(1000))
    work_off(acme)

    one = stored(acme, import_id)
    assert one.state == "cancelled"
    assert heard == [True]
    assert kept_files(acme) == before
    assert count(acme, "contacts") == 0


def test_what_is_wrong_further_down_is_said_and_leaves_no_file(acme: Firm) -> None:
    before = kept_files(acme)
    import_id = put_off(acme, many(3000) + '\r\n"Hans;offen\r\n')
    work_off(acme)

    assert stored(acme, import_id).state == "unreadable"
    assert "A quotation mark in row 3002 is never closed" in page(acme, import_id)
    assert kept_files(acme) == before
    launch(acme, import_id)
    assert stored(acme, import_id).state == "unreadable"


@pytest.mark.parametrize(
    ("tail", "sentence"),
    [
        (b"Hans;A\0B\r\n", "not a list that can be read"),
        (b"Hans;M\x81ller\r\n", "not a list that can be read"),
        (b";" * 300 + b"a\r\n", "more than 200 columns"),
    ],
)
def test_a_broken_line_at_the_end_of_many_is_a_clear_answer(acme: Firm, tail: bytes, sentence: str) -> None:
    import_id = put_off(acme, (many(2000) + "\r\n").encode() + tail)
    work_off(acme)

    assert sentence in page(acme, import_id)


def test_lines_in_other_encodings_further_down_are_read_as_they_were_meant(acme: Firm) -> None:
    tail = "Zoë;Çelik\r\n".encode() + "Änne;Groß\r\n".encode("cp1252")
    import_id = put_off(acme, b"Vorname;Nachname\r\n" + b"Hans;Meier\r\nAda;Schulz\r\n" * 200 + tail)
    work_off(acme)
    launch(acme, import_id)
    work_off(acme)

    for name in ("Çelik", "Groß"):
        assert name in acme.client().get(f"{acme.url}/contacts?q={name}").text


def test_a_worker_killed_while_it_reads_leaves_a_list_that_is_read_once_more(acme: Firm, tmp_path: Path) -> None:
    import_id = put_off(acme, many(200_000) + "\r\n" + TAIL)
    kill_a_worker_when(tmp_path / "log", lambda: stored(acme, import_id).done > 0)
    assert stored(acme, import_id).state == "reading"

    work_off(acme)

    one = stored(acme, import_id)
    assert (one.state, one.total) == ("draft", 200_001)
    assert columns(acme, import_id)[:2] == ["given_name", "family_name"]


def test_only_who_is_logged_in_here_may_send_a_large_file(acme: Firm, globex: Firm) -> None:
    from tenants import identities

    large = b"Nachname\r\n" + b"Meier\r\n" * 4_000_000
    gone = acme.client()
    with acme.app.app_context():
        ended = identities.open_session(acme.identity_id)
        identities.close_session(ended)
    with gone.session_transaction() as session:
        session["_user_id"] = ended

    refused = [
        upload_by(client, acme, large, entity="contact", name="liste.csv").status_code
        for client in (stranger(acme), gone, globex.client())
    ]
    import_id = put_off(acme, large)

    assert refused == [413, 413, 413]
    assert stored(acme, import_id).state == "reading"
