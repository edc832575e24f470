"""Nobody waits for ever for a database that has fallen silent: after so long their connection is cut.

A statement's time-out needs a server that lives, TCP's a network that is dead: neither helps where something between
takes what we say and never answers. COMMIT has no time-out at all.
"""

from __future__ import annotations

import os
import socket
import threading
from typing import Any

from structlog import get_logger

from tenants import clock

log = get_logger()

_LOOK_SECONDS = 1.0
_IDLE_LOOKS = 60
"""After so many looks at nothing the thread that looks ends; the next unit of work begins another one."""


class Watch:
    """The connections at work, and until when."""

    def __init__(self) -> None:
        self._until: dict[Any, float] = {}
        self._beginning = threading.Lock()
        self._looking: threading.Thread | None = None

    def begin(self, connection: Any, *, seconds: float) -> None:
        """From now on, so long; said again, it counts anew."""
        self._until[connection] = clock.stopwatch() + seconds
        if self._looking is None:
            self._begin_to_look()

    def end(self, connection: Any) -> None:
        self._until.pop(connection, None)

    def _begin_to_look(self) -> None:
        with self._beginning:
            if self._looking is None:
                self._looking = threading.Thread(target=self._look_on, name="hangs", daemon=True)
                self._looking.start()

    def _look_on(self) -> None:
        idle, pause = 0, threading.Event()
        while idle < _IDLE_LOOKS:
            pause.wait(_LOOK_SECONDS)
            idle = 0 if self._until else idle + 1
            self._look()
        self._looking = None

    def _look(self) -> None:
        now = clock.stopwatch()
        for connection, until in self._until.copy().items():
            if until <= now:
                self._until.pop(connection, None)
                _cut(connection)


def _cut(connection: Any) -> None:
    """Whoever waits on it is told at once that it has ended."""
    if connection.closed:
        return
    log.error("database.hangs")
    with socket.socket(fileno=os.dup(connection.fileno())) as copy:
        try:
            copy.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            log.warning("database.gone", error=type(error).__name__)


watch = Watch()
