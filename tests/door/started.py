"""A house started by `./run` in a process of its own, with its own data folder and port."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
_READY_SECONDS = 60
_STOP_SECONDS = 30

STOPS_WITHIN = 15
"""Seconds on a machine that is busy with other tests; on a quiet one it is five at most."""

IN_THE_BACKGROUND = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")
"""What to write before a command that shall begin as a script begins it with `&`: deaf to Ctrl-C."""


def run(*arguments: str, home: Path, port: int | str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """`./run` to its end; `before` is written before it, such as a command that prepares a mount."""
    return subprocess.run(
        [*before, sys.executable, ROOT / "run", *arguments],
        env=_environment(home, port),
        capture_output=True,
        text=True,
        timeout=_READY_SECONDS,
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


class House:
    """Started, and what it said so far."""

    def __init__(self, home: Path, port: int, *, before: tuple[str, ...] = ()) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [*before, sys.executable, ROOT / "run"],
            env=_environment(home, port),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said: list[str] = []

    def wait_for(self, words: str) -> None:
        for line in self.process.stdout or ():
            self.said.append(line)
            if words in line:
                return
        raise AssertionError("".join(self.said))

    def press_ctrl_c(self) -> int:
        # A terminal sends it to the whole group.
        os.killpg(self.process.pid, signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        self.said.append(self.process.communicate(timeout=_STOP_SECONDS)[0])
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def started(home: Path, port: int, *, before: tuple[str, ...] = ()) -> Iterator[House]:
    """A house that answers; it is stopped at the latest at the end."""
    house = House(home, port, before=before)
    try:
        house.wait_for("Ctrl-C stops everything")
        yield house
    finally:
        if house.process.poll() is None:
            house.press_ctrl_c()


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
