"""What the door says when it cannot open: one sentence, and nothing half done."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import door, given, prepare
from deploy.local.failures import CannotStart
from tests.door.started import ROOT, on_a_file_system, run

_USAGE = 2


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "8000.5"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    done = run(home=tmp_path / "home", port=port)

    assert done.returncode == _USAGE
    assert done.stderr == f"PORT must be a number from 1 to 65535, not '{port}'.\n"
    assert not (tmp_path / "home").exists()


def test_an_unknown_word_is_refused(tmp_path: Path) -> None:
    done = run("strat", home=tmp_path / "home", port=8000)

    assert done.returncode == _USAGE
    assert done.stderr == "./run does not know the word 'strat'; see ./run help\n"


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(home=tmp_path / "home", port=port)

    assert done.returncode == 1
    assert done.stderr == f"Port {port} is taken; choose another one, for example PORT={port + 1} ./run\n"
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["lock"]


def test_a_file_in_the_way_of_the_data_folder_is_named(tmp_path: Path, port: int) -> None:
    (tmp_path / "home").touch()

    done = run(home=tmp_path / "home", port=port)

    assert done.returncode == 1
    assert done.stderr == f"{tmp_path / 'home'} cannot be a folder: there is a file in its way.\n"


def test_a_read_only_data_folder_is_named(tmp_path: Path, port: int) -> None:
    done = run(home=tmp_path, port=port, before=on_a_file_system("ro", tmp_path))

    assert done.returncode == 1
    assert done.stderr == f"The folder {tmp_path} is on a read-only file system.\n"


def test_a_full_data_folder_is_named(tmp_path: Path, port: int) -> None:
    done = run(home=tmp_path, port=port, before=on_a_file_system("size=4m", tmp_path))

    assert done.returncode == 1
    assert done.stderr == f"There is no space: {tmp_path} has 4 MB left, a new database needs 200.\n"


def test_an_old_python_is_told_so() -> None:
    old = "import runpy, sys; sys.version_info = (3, 9, 2, 'final', 0); runpy.run_path('run')"

    done = subprocess.run([sys.executable, "-c", old], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == "Kontor needs Python 3.11 or newer; this is Python 3.9.2.\n"


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "VENV", tmp_path / "environment")
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    with pytest.raises(CannotStart, match="sudo apt install python3-venv"):
        prepare.make_environment()

    assert not (tmp_path / "environment").exists()


def test_whoever_wants_no_compiled_files_in_the_tree_gets_them_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)

    assert door.main(["help"]) == 0

    code = "import deploy.local.given; print(deploy.local.given.__cached__)"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.startswith(str(prepare.VENV))
    assert Path(said.stdout.strip()).exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "https://crm.example"),
        ("PUBLIC_URL", "http://192.168.1.20:8000"),
        ("TRUSTED_PROXIES", "1"),
        ("DATABASE_URL", "postgresql://postgres@db.example/kontor"),
    ],
)
def test_what_would_show_mails_and_demo_log_ins_to_others_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv(name, value)

    with pytest.raises(given.BadSetting, match="`kontor web`"):
        given.read()


def test_the_addresses_of_this_machine_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://localhost:8000")
    for name in ("DATABASE_URL", "CELL_URL", "DIRECT_URL", "TRUSTED_PROXIES", "BIND"):
        monkeypatch.delenv(name, raising=False)

    assert given.read().port
