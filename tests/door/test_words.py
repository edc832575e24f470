"""What the words of `./run` do, as far as that shows without doing it."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import binaries, door, prepare
from tests.door.started import ROOT

_STORY = """
import pytest

@pytest.mark.nightly
def test_long() -> None:
    pass

def test_short() -> None:
    pass
"""


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """What would be run, instead of running it."""
    asked: list[tuple[str, list[str]]] = []

    def run_all(found: list[tuple[str, list[str | Path]]]) -> int:
        asked.extend((name, [str(word) for word in command]) for name, command in found)
        return 0

    monkeypatch.setattr(prepare, "everything", lambda _progress, *, development: None)
    monkeypatch.setattr(door, "_run_all", run_all)
    return asked


def test_a_nightly_run_goes_over_the_oldest_postgresql_too(
    steps: list[tuple[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "find_postgres", lambda *, major: binaries.Postgres(Path("/"), int(major)))

    door.main(["test", "--nightly", "-k", "import"])

    (_, tests), (name, again) = steps[-2:]
    assert tests[-3:] == ["--nightly", "-k", "import"]
    assert name == "Tests on PostgreSQL 15"
    assert "--nightly" not in again
    assert again[again.index("--postgres") + 1] == "15"


def test_a_nightly_run_says_when_there_is_no_older_postgresql(
    steps: list[tuple[str, list[str]]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(binaries, "find_postgres", lambda *, major: None)

    door.main(["test", "--nightly"])

    assert steps[-1][0] == "Tests"
    assert "PostgreSQL 15 is not installed here: the tests will not run on it." in capsys.readouterr().out


def test_an_ordinary_run_leaves_the_nightly_tests_out(story: Path) -> None:
    ordinary, nightly = _collected(story), _collected(story, "--nightly")

    assert "1 deselected" in ordinary
    assert "test_long" not in ordinary
    assert "test_long" in nightly


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "test_story.py"
    path.write_text(_STORY)
    return path


def _collected(story: Path, *options: str) -> str:
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command += ["--collect-only", "-q", *options, str(story)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
