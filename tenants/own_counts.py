"""The counts of one process, for as long as nobody counts for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from tenants import clock

_MOST = 10_000
"""Names; beyond them the oldest is forgotten, so that nobody fills the memory with invented ones."""


class OwnCounts:
    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, tuple[int, float]] = {}
        self._waits: dict[str, float] = {}

    def more(self, name: str, *, seconds: float) -> tuple[int, float]:
        """(number, seconds until the window ends)"""
        now = clock.stopwatch()
        with self._lock:
            number, ends_at = self._counts.get(name, (0, 0.0))
            if ends_at <= now:
                self._counts.pop(name, None)
                number, ends_at = 0, now + seconds
            self._counts[name] = (number + 1, ends_at)
            _bound(self._counts)
        return number + 1, ends_at - now

    def less(self, name: str) -> bool:
        """Whether it was counted here."""
        with self._lock:
            number, ends_at = self._counts.get(name, (0, 0.0))
            if number > 0:
                self._counts[name] = (number - 1, ends_at)
        return number > 0

    def forget(self, name: str) -> None:
        with self._lock:
            self._counts.pop(name, None)

    def end_waits(self, names: Sequence[str]) -> None:
        with self._lock:
            for name in names:
                self._waits.pop(name, None)

    def wait_left(self, name: str) -> float:
        return max(0.0, self._waits.get(name, 0.0) - clock.stopwatch())

    def begin_wait(self, name: str, *, seconds: float) -> bool:
        now = clock.stopwatch()
        with self._lock:
            if self._waits.get(name, 0.0) > now:
                return False
            self._waits.pop(name, None)
            self._waits[name] = now + seconds
            _bound(self._waits)
        return True


def _bound(kept: dict[str, tuple[int, float]] | dict[str, float]) -> None:
    if len(kept) > _MOST:
        del kept[next(iter(kept))]
