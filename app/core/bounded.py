"""Reading what strangers sent, in a child of our own whose memory, time and output are bounded.

A file of a kilobyte can ask for all memory and all day. The child that reads it has neither our environment nor our
connections, and nothing but a pipe to answer on. Used by jobs only, so that no request waits for it and no web
process starts one; a worker does one job at a time, so it has one child at a time.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import IO

MEMORY = 1 << 30
"""Bytes of addresses."""

SECONDS = 120
"""Of computing; what waits instead is ended after twice as long."""

_ROOT = Path(__file__).resolve().parents[2]
_START = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')"
)


class Overrun(Exception):
    """The child wanted more than it may have, or ended in the midst of its answer."""


class Child:
    """A module of ours that reads its standard input. Closing it ends it, however far it is."""

    def __init__(self, module: str, *arguments: str, source: IO[bytes]) -> None:
        """``source`` is a real file: it is handed over as it is."""
        source.seek(0)
        # Without our environment: whatever goes wrong in there, it finds no secret.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, str(_ROOT), module, *arguments],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
        )
        self._end = Timer(2 * SECONDS, self._process.kill)
        self._end.daemon = True
        self._end.start()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.cancel()
        self._process.kill()
        self._process.communicate()

    def line(self, *, most: int) -> bytes:
        """The next line of its answer. Raises Overrun."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline(most)
        if not line.endswith(b"\n"):
            raise Overrun
        return line

    def rest(self, *, most: int) -> bytes:
        """All that it answers, until it ends well. Raises Overrun."""
        assert self._process.stdout is not None
        found = self._process.stdout.read(most + 1)
        if len(found) > most or self._process.wait() != 0:
            raise Overrun
        return found


def confine() -> None:
    """Called by the child before it looks at anything."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
