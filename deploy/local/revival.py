"""Starting again what has ended: soon at first, ever more slowly while it keeps ending, and never giving up."""

import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from deploy.local.failures import CannotStart
from deploy.local.progress import Progress

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
"""Seconds between an end and the next start."""

HEALTHY_SECONDS = 60.0
"""Whoever ran for so long has not ended before, as far as the next pause is concerned."""

_MANY = 5


class Running(Protocol):
    """A process that is to run for as long as the house does."""

    @property
    def name(self) -> str: ...

    @property
    def ended_with(self) -> int | None:
        """The code with which it ended; None while it runs."""

    def start(self) -> None:
        """Raises CannotStart or OSError."""

    def clear_away(self) -> None:
        """End what it left running."""


One = TypeVar("One", bound=Running)


class Revival(Generic[One]):
    """Looks after one process that has been started."""

    def __init__(self, process: One, progress: Progress, *, now: Callable[[], float] = time.monotonic) -> None:
        self.process = process
        self.ends_in_a_row = 0
        self._progress = progress
        self._now = now
        self._started = now()
        self._due: float | None = None

    @property
    def is_down(self) -> bool:
        return self._due is not None

    def look(self) -> None:
        """To be called a few times a second."""
        if self._due is None:
            code = self.process.ended_with
            if code is None:
                return
            self.process.clear_away()
            self._plan(f"ended with code {code}")
        elif self._now() >= self._due:
            self._start()

    def hurry(self) -> None:
        """What it may have been waiting for is there again."""
        if self._due is not None:
            self._due = self._now()
        self.ends_in_a_row = 0

    def _start(self) -> None:
        try:
            self.process.start()
        except (CannotStart, OSError) as reason:
            self._plan(f"does not start: {reason}")
            return
        self._started, self._due = self._now(), None

    def _plan(self, why: str) -> None:
        now = self._now()
        if now - self._started >= HEALTHY_SECONDS and self._due is None:
            self.ends_in_a_row = 0
        pause = min(FIRST_PAUSE * 2.0**self.ends_in_a_row, LONGEST_PAUSE)
        self.ends_in_a_row += 1
        self._due = now + pause
        often = f" ({self.ends_in_a_row} times in a row; the others go on)" if self.ends_in_a_row >= _MANY else ""
        self._progress.say(f"{self.process.name} {why}{often}; starting it again in {pause:g} s ...")
