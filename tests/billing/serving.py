"""The product's own servers, as gunicorn starts them, on the databases of the tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import tied

ROOT = Path(__file__).resolve().parent.parent.parent
_READY_SECONDS = 180
WEB = ("config/gunicorn.py", "wsgi:app")
LIVE = ("config/live_server.py", "app.live:create_app()")


@contextmanager
def served(port: int, *, log: Path, by: tuple[str, str] = WEB, processes: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    """The process that began; it listens, though it may not answer yet."""
    config, application = by
    given = {"BIND": f"127.0.0.1:{port}", "WEB_PROCESSES": str(processes), "PYTHONPATH": str(ROOT)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*tied.to_us(signal.SIGTERM), sys.executable, "-m", "gunicorn", "-c", config, application],
            cwd=ROOT,
            env={**os.environ, **given},
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_listening(process, port, log)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _listens(port):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def _listens(port: int) -> bool:
    """Asked of the system: a connection would be counted."""
    wanted = f":{port:04X} 00000000:0000 0A"
    return any(wanted in line for line in Path("/proc/net/tcp").read_text().splitlines())
