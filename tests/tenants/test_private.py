"""What a process keeps on its disk is for its own user alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import private
from tests.firms import Firm


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """As an earlier version left it."""
    folder = tmp_path / "var" / "files" / "firm"
    folder.mkdir(parents=True)
    (folder / "list").write_bytes(b"secret")
    for path in (tmp_path / "var", tmp_path / "var" / "files", folder):
        path.chmod(0o755)
    (folder / "list").chmod(0o644)
    return tmp_path / "var"


def modes(home: Path) -> set[str]:
    return {oct(path.stat().st_mode & 0o777) for path in (home, *home.rglob("*"))}


def test_what_an_earlier_version_left_open_is_closed_at_the_start(home: Path) -> None:
    assert private.open_to_others(home) == [home, home / "files"]

    private.keep_private(home)

    assert modes(home) == {"0o700", "0o600"}
    assert private.open_to_others(home) == []


def test_what_is_written_from_then_on_is_closed_too(home: Path) -> None:
    private.keep_private(home)

    (home / "traffic").mkdir()
    (home / "traffic" / "page").write_bytes(b"1")

    assert modes(home) == {"0o700", "0o600"}


def test_a_folder_that_another_user_needs_a_way_to_stays_open_and_ours_in_it_are_closed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "postgres").mkdir()
    (home / "postgres").chmod(0o700)
    ours = private._is_ours
    monkeypatch.setattr(private, "_is_ours", lambda path: path.name != "postgres" and ours(path))

    private.keep_private(home)

    assert oct(home.stat().st_mode & 0o777) == "0o755"
    assert modes(home / "files") == {"0o700", "0o600"}


def test_files_of_a_firm_are_readable_by_nobody_else(acme: Firm) -> None:
    from config.settings import settings
    from tests.tenants.test_files import keep

    file_id = keep(acme, b"secret")

    (path,) = (settings().home / "files").rglob(str(file_id))
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert oct(path.parent.stat().st_mode & 0o777) == "0o700"


def test_the_doctor_names_a_folder_that_others_may_look_into(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from tenants.doctor import surroundings

    monkeypatch.setattr(surroundings, "settings", lambda: SimpleNamespace(home=home))
    (before,) = surroundings.privacy()
    private.keep_private(home)
    (after,) = surroundings.privacy()

    assert not before.is_fine
    assert str(home) in before.sentence
    assert after.is_fine
