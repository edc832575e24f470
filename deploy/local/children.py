"""The processes of the house: started, watched, revived when they end, stopped in reverse order."""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from deploy.local import tied
from deploy.local.failures import CannotStart
from deploy.local.progress import Progress

STOP_SECONDS = 10
"""So long a process may take to end when told; then it is killed."""

_MOST_RESTARTS = 5
_RESTARTS_WITHIN = 60.0


class Child:
    """One process that is to run for as long as the house does."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command
        self._process: subprocess.Popen[str] | None = None
        self._restarts: deque[float] = deque()
        self._next_start: float | None = None

    def start(self, environment: Mapping[str, str], folder: Path, progress: Progress) -> None:
        self._process = subprocess.Popen(
            [*tied.to_us(signal.SIGTERM), *self.command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C reaches us alone; we then stop the others in order.
            start_new_session=True,
        )
        threading.Thread(target=_forward, args=(self._process, self.name, progress), daemon=True).start()

    @property
    def has_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def is_due(self, now: float, progress: Progress) -> bool:
        """Whether to start the ended process now.

        Raises CannotStart when it ended too often.
        """
        if self._next_start is None:
            self._next_start = now + self._pause(now, progress)
        if now < self._next_start:
            return False
        self._next_start = None
        return True

    def _pause(self, now: float, progress: Progress) -> float:
        """Twice as long each time, so that a process without its database does not eat the machine."""
        while self._restarts and now - self._restarts[0] > _RESTARTS_WITHIN:
            self._restarts.popleft()
        if len(self._restarts) >= _MOST_RESTARTS:
            raise CannotStart(f"{self.name} ended {_MOST_RESTARTS + 1} times in a minute; everything stops.")
        pause = 0.5 * 2.0 ** len(self._restarts)
        code = self._process.returncode if self._process else None
        progress.say(f"{self.name} ended with code {code}; starting it again in {pause:g} s ...")
        self._restarts.append(now)
        return pause

    def ask_to_end(self) -> None:
        # Asked twice, a worker gives up the job that it is at.
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_for_end(self, *, until: float) -> None:
        process = self._process
        if process is None:
            return
        try:
            process.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Children:
    """All of them, in the order in which they start."""

    def __init__(self, *, environment: Mapping[str, str], folder: Path, progress: Progress) -> None:
        self._environment = environment
        self._folder = folder
        self._progress = progress
        self._all: list[Child] = []

    def start(self, child: Child) -> None:
        self._all.append(child)
        child.start(self._environment, self._folder, self._progress)

    def watch(self) -> None:
        """To be called a few times a second."""
        for child in self._all:
            if child.has_ended and child.is_due(time.monotonic(), self._progress):
                child.start(self._environment, self._folder, self._progress)

    def stop(self) -> None:
        """All are asked at once, and whoever takes too long is not waited for: there may be no more power soon."""
        for child in reversed(self._all):
            child.ask_to_end()
        until = time.monotonic() + STOP_SECONDS
        for child in reversed(self._all):
            child.wait_for_end(until=until)


def _forward(process: subprocess.Popen[str], name: str, progress: Progress) -> None:
    for line in process.stdout or ():
        progress.write(f"{name:<9} | {line.rstrip()}\n")
