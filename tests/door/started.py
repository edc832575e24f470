"""A house started by `./run` in a process of its own, with its own data folder and port."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
_READY_SECONDS = 240
_STOP_SECONDS = 30
_PREPARE_SECONDS = 600
_TOLD = 20_000
"""So many characters of what a house said are shown when its test fails."""

STOPS_WITHIN = 15
"""Seconds on a machine that is busy with other tests; on a quiet one it is five at most."""

IN_THE_BACKGROUND = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")
"""What to write before a command that shall begin as a script begins it with `&`: deaf to Ctrl-C."""


def run(
    *arguments: str,
    home: Path,
    port: int | str,
    before: tuple[str, ...] = (),
    settings: Mapping[str, str] | None = None,
    seconds: float = _READY_SECONDS,
) -> subprocess.CompletedProcess[str]:
    """`./run` to its end; `before` is written before it, such as a command that prepares a mount."""
    return subprocess.run(
        [*before, sys.executable, ROOT / "run", *arguments],
        env=_environment(home, port) | dict(settings or {}),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def on_a_file_system(options: str, folder: Path) -> tuple[str, ...]:
    """What to write before a command that shall see a file system of its own at `folder`."""
    apart = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--mount", "--user", "--map-root-user")
    mount = (
        *apart,
        "sh",
        "-c",
        'mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"',
        "sh",
        options,
        str(folder),
    )
    if subprocess.run([*mount, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let this user mount anything")
    return mount


def prepare(home: Path) -> None:
    """Start once and stop, under another name until it is done."""
    new = home.with_name(f"{home.name}.new")
    subprocess.run(
        [sys.executable, ROOT / "run", "--once"],
        env=_environment(new, free_port()),
        capture_output=True,
        timeout=_PREPARE_SECONDS,
        check=True,
    )
    new.rename(home)


def port_after(port: int) -> int:
    """Another one that nobody uses."""
    return next(free for free in iter(free_port, None) if free != port)


class House:
    """Started, and what it said so far."""

    def __init__(
        self, home: Path, port: int, *, before: tuple[str, ...] = (), settings: Mapping[str, str] | None = None
    ) -> None:
        self.home = home
        self.port = port
        # Into a file: whoever reads a pipe too slowly would hold up the house.
        with tempfile.NamedTemporaryFile(prefix="kontor-said-", delete=False) as output:
            self._output = Path(output.name)
            self.process = subprocess.Popen(
                [*before, sys.executable, ROOT / "run"],
                env=_environment(home, port) | dict(settings or {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._heard = 0

    def said(self) -> str:
        return self._output.read_text(errors="replace")

    def wait_for(self, words: str) -> None:
        """Until it says so, after what was waited for before."""
        while (found := self.said().find(words, self._heard)) < 0:
            if self.process.poll() is not None and words not in self.said()[self._heard :]:
                raise AssertionError(self.said())
            time.sleep(0.05)
        self._heard = found + len(words)

    def press_ctrl_c(self) -> int:
        # A terminal sends it to the whole group.
        os.killpg(self.process.pid, signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        return self.process.wait(_STOP_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def forget(self) -> None:
        self._output.unlink()


@contextmanager
def started(
    home: Path, port: int, *, before: tuple[str, ...] = (), settings: Mapping[str, str] | None = None
) -> Iterator[House]:
    """A house that answers; it is stopped at the latest at the end."""
    house = House(home, port, before=before, settings=settings)
    try:
        house.wait_for("Ctrl-C stops everything")
        yield house
    except BaseException:
        sys.stdout.write(house.said()[-_TOLD:])
        raise
    finally:
        if house.process.poll() is None:
            house.press_ctrl_c()
        house.forget()


def processes_of(home: Path) -> dict[int, str]:
    """Every process that was given this data folder, by what Linux knows of it."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            known = command + (process / "environ").read_bytes()
        except OSError:
            continue
        if os.fsencode(home) in known and int(process.name) != os.getpid():
            found[int(process.name)] = command.replace(b"\0", b" ").decode()
    return found


def gone_within(home: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while processes_of(home) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not processes_of(home)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _environment(home: Path, port: int | str) -> dict[str, str]:
    # Other tests of the same process set the product's settings for themselves.
    ours = (
        "KONTOR_",
        "DATABASE_URL",
        "CELL_URL",
        "PROVISIONER_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "PUBLIC_URL",
        "SMTP_URL",
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"KONTOR_HOME": str(home), "PORT": str(port)}
