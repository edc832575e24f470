"""The life of a firm from the command line: taken along, brought in elsewhere, put back, closed, erased."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.commands import Kontor
from tests.firms import open_firm


def data(kontor: Kontor, *words: str) -> Any:
    done = kontor(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def kai(app: Flask) -> str:
    return open_firm(app, slug="kai", name="Kai").scope.slug


def test_a_firm_is_taken_along_and_comes_back_under_another_name(kontor: Kontor, kai: str, tmp_path: Path) -> None:
    file = str(tmp_path / "kai.kontor")

    written = data(kontor, "tenants", "export", kai, "--to", file)
    whole = data(kontor, "backups", "verify", file)
    data(kontor, "tenants", "import", file, "--slug", "kai-kopie", "--name", "Kopie")
    reserved = kontor("tenants", "import", file, "--slug", "operator")
    restored = data(kontor, "tenants", "restore", kai, file, "--reason", "A test", "--keep", f"{file}.before")
    listed = {one["slug"] for one in data(kontor, "tenants", "list")}

    assert written["rows"] == whole["rows"] == restored["rows"]
    assert {"kai", "kai-kopie"} <= listed
    assert Path(restored["before"]).exists()
    assert reserved.returncode == 1
    for slug in (kai, "kai-kopie"):
        early = kontor("tenants", "erase", slug)
        assert "Only a closed account" in early.stderr
        assert data(kontor, "tenants", "close", slug, "--reason", "Over")["status"] == "closed"
        assert "less than 30 days ago" in kontor("tenants", "erase", slug).stderr
        assert data(kontor, "tenants", "reopen", slug, "--reason", "A mistake")["status"] == "open"
        data(kontor, "tenants", "close", slug, "--reason", "Over")
        assert data(kontor, "tenants", "erase", slug, "--now")["people"] == 1
    assert "There is no account" in kontor("tenants", "export", kai).stderr


def test_what_is_no_backup_ends_with_a_sentence(kontor: Kontor, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("name;city\n")

    done = kontor("tenants", "import", str(tmp_path / "list.csv"), "--slug", "kai")

    assert done.returncode == 1
    assert done.stderr.startswith("Error: This file is no complete backup")


def test_without_a_place_for_backups_it_says_what_to_set(kontor: Kontor) -> None:
    done = kontor("backup")

    assert done.returncode == 1
    assert "BACKUPS_URL" in done.stderr
