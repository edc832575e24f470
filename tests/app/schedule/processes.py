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
_SECONDS = 60


@contextmanager
def process(command: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``kontor worker`` or ``kontor scheduler`` with its arguments, knowing the jobs of tests; killed in the end."""
    code = f"import app.cli, tests.app.schedule.tasks; app.cli.main({command.split()!r})"
    with log.open("wb") as out:
        child = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=os.environ, stdout=out, stderr=out)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + _SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
