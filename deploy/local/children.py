"""The processes of the house: started, looked after, stopped in reverse order, the databases last."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from pathlib import Path

from deploy.local import tied
from deploy.local.progress import Progress
from deploy.local.revival import Revival
from deploy.local.server import Server

STOP_SECONDS = 3.0
"""So long a process may take to end when told; then it is killed."""

DATABASES_STOP_SECONDS = 4.5
"""From the same moment: who waits for `./run` to stop waits for five seconds at most."""


class Child:
    """One process that is to run for as long as the house does."""

    def __init__(self, name: str, command: list[str], *, knows: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.command = command
        self.knows = knows or {}
        """What of the environment only this process is told."""

        self._process: subprocess.Popen[str] | None = None
        self._environment: Mapping[str, str] = {}
        self._folder = Path()
        self._progress = Progress()

    def begin(self, environment: Mapping[str, str], folder: Path, progress: Progress) -> None:
        """Start it for the first time, and remember how."""
        self._environment, self._folder, self._progress = environment, folder, progress
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [*tied.to_us(signal.SIGTERM), *self.command],
            cwd=self._folder,
            env={**self._environment, **self.knows},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C reaches us alone; we then stop the others in order.
            start_new_session=True,
        )
        threading.Thread(target=_forward, args=(self._process, self.name, self._progress), daemon=True).start()

    @property
    def ended_with(self) -> int | None:
        return self._process.poll() if self._process else None

    def clear_away(self) -> None:
        # Workers of a web server that was killed keep its port for a while.
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def ask_to_end(self) -> None:
        # Asked twice, a worker gives up the job that it is at.
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_for_end(self, *, until: float) -> None:
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(until - time.monotonic(), 0.1))
        self.clear_away()
        self._process.wait()


class Children:
    """All of them, in the order in which they start, and the databases that they work on."""

    def __init__(
        self, *, environment: Mapping[str, str], folder: Path, progress: Progress, databases: list[Server]
    ) -> None:
        self._environment = environment
        self._folder = folder
        self._progress = progress
        self._children: list[Revival[Child]] = []
        self._databases = [Revival(database, progress) for database in databases]
        self._away: list[Server] = []

    def start(self, child: Child) -> Revival[Child]:
        child.begin(self._environment, self._folder, self._progress)
        self._children.append(Revival(child, self._progress))
        return self._children[-1]

    def watch(self) -> None:
        """To be called a few times a second."""
        for database in self._databases:
            database.look()
            self._welcome_back(database)
        for child in self._children:
            child.look()

    def _welcome_back(self, database: Revival[Server]) -> None:
        """Whoever waits ever longer because a database was away need not wait any more once it is there."""
        server = database.process
        if database.is_down:
            self._away = [*(one for one in self._away if one is not server), server]
        elif server in self._away and server.answers():
            self._away.remove(server)
            self._progress.say(f"{server.name} answers again.")
            for child in self._children:
                child.hurry()

    def stop(self) -> None:
        """All are asked at once, and whoever takes too long is not waited for: there may be no more power soon."""
        asked = time.monotonic()
        for child in reversed(self._children):
            child.process.ask_to_end()
        for child in reversed(self._children):
            child.process.wait_for_end(until=asked + STOP_SECONDS)
        for database in self._databases:
            database.process.ask_to_end()
        for database in self._databases:
            database.process.wait_for_end(until=asked + DATABASES_STOP_SECONDS)


def _forward(process: subprocess.Popen[str], name: str, progress: Progress) -> None:
    with process.stdout or nullcontext(()) as lines:
        for line in lines:
            progress.write(f"{name:<9} | {line.rstrip()}\n")
