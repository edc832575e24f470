"""Workers and schedulers as processes of their own, on the databases of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_SECONDS = 240


@contextmanager
def process(command: str, log: Path, *, first: str = "pass") -> Iterator[subprocess.Popen[bytes]]:
    """``kontor worker`` or ``kontor scheduler`` with its arguments, knowing the jobs of tests; killed in the end.

    ``first`` is what it does before.
    """
    code = f"import app.cli, tests.app.schedule.tasks; {first}; app.cli.main({command.split()!r})"
    with log.open("wb") as out:
        environment = knowing_no_provisioner() if command.startswith("worker") else dict(os.environ)
        child = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def knowing_no_provisioner() -> dict[str, str]:
    """As a process is started that strangers talk to."""
    return {name: value for name, value in os.environ.items() if name != "PROVISIONER_URL"}


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + _SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
