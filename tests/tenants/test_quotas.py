"""What a firm may upload and keep: refused in plain words, with numbers, and nothing of it is left."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from config.quotas import quotas
from tenants.errors import Refusal
from tests.app.imports.lists import kept_files, stored, upload, work_off
from tests.firms import Firm

MEGABYTE = 1_000_000
Allow = Callable[..., None]


@pytest.fixture
def allow(monkeypatch: pytest.MonkeyPatch) -> Allow:
    def allow(**given: Any) -> None:
        given_quotas = replace(quotas(), **given)
        for place in ("tenants.quotas.quotas", "app.imports.uploaded.quotas"):
            monkeypatch.setattr(place, lambda: given_quotas)

    return allow


def test_a_full_store_refuses_with_numbers_and_keeps_nothing(acme: Firm, allow: Allow) -> None:
    allow(storage_bytes=2 * MEGABYTE)
    assert upload(acme, b"x" * MEGABYTE).status_code == 303
    before = kept_files(acme)

    answer = upload(acme, b"x" * 1_100_000, name="zweite.csv")

    assert answer.status_code == 409
    assert "There is no room for “zweite.csv”: your files take 1 MB already, and there is room for 2 MB." in answer.text
    assert kept_files(acme) == before


def test_what_is_removed_makes_room(acme: Firm, allow: Allow) -> None:
    allow(storage_bytes=2 * MEGABYTE)
    first = upload(acme, b"x" * 1_500_000)
    assert upload(acme, b"x" * 1_500_000).status_code == 409

    acme.client().post(f"{first.location}/cancel")

    assert upload(acme, b"x" * 1_500_000).status_code == 303


def test_one_file_has_a_bound_of_its_own(acme: Firm, allow: Allow) -> None:
    allow(upload_bytes=MEGABYTE)

    answer = upload(acme, b"x" * (MEGABYTE + 1))

    assert answer.status_code == 422
    assert "is too large: a file may have 1 MB." in answer.text


def test_so_many_files_an_hour_and_another_firm_goes_on(acme: Firm, globex: Firm, allow: Allow) -> None:
    allow(uploads_per_hour=2)
    assert [upload(acme, b"Name\nA\n").status_code for _ in range(3)] == [303, 303, 429]

    assert upload(globex, b"Name\nA\n").status_code == 303


def test_a_list_of_too_many_rows_is_refused_with_the_number(acme: Firm, allow: Allow) -> None:
    allow(import_rows=1500)
    answer = upload(acme, b"Nachname\n" + b"Meier\n" * 1501)
    work_off(acme)

    assert "A list may have 1,500 rows" in acme.client().get(answer.location).text
    assert stored(acme, answer.location.rpartition("/")[2]).state == "unreadable"


def test_two_at_the_same_moment_do_not_both_get_the_last_place(acme: Firm, allow: Allow) -> None:
    from tenants import quotas

    allow(storage_bytes=1500)
    before, together = kept_files(acme), Barrier(2)

    def keep() -> bool:
        with acme.work():
            together.wait(30)
            quotas.keep_upload(io.BytesIO(b"x" * 1000), name="a", limit=1000)
        return True

    def is_kept() -> bool:
        try:
            return keep()
        except Refusal:
            return False

    with ThreadPoolExecutor(2) as people:
        found = [one.result() for one in [people.submit(is_kept) for _ in range(2)]]

    assert sorted(found) == [False, True]
    assert len(kept_files(acme) - before) == 1
