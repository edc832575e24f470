"""A circuit breaker: a server that fails several times in a row is left alone, for longer each time, and then tried by
one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock

from tenants import clock


class Circuit:
    """Of one process. Threads may share it."""

    def __init__(self, *, patience: int, first: timedelta, longest: timedelta) -> None:
        """``patience``: failures in a row before the server is left alone, ``first`` for so long; each further time it
        is twice as long, at most ``longest``.
        """
        self._patience, self._first, self._longest = patience, first, longest
        self._lock = Lock()
        self._failures = self._openings = 0
        self._until: datetime | None = None

    @property
    def left_alone_until(self) -> datetime | None:
        """Until then nobody tries; past it, one does. None while the server answers."""
        return self._until

    def allows(self, *, busy: int) -> bool:
        """Whether one more may try while so many are at it."""
        until = self._until
        return until is None or (clock.now() >= until and busy == 0)

    def succeeded(self) -> None:
        with self._lock:
            self._failures = self._openings = 0
            self._until = None

    def failed(self) -> None:
        """Those who were at it together when the server was given up count as one."""
        with self._lock:
            self._failures += 1
            now = clock.now()
            if self._failures < self._patience or (self._until is not None and now < self._until):
                return
            self._until = now + min(self._longest, self._first * 2 ** min(self._openings, 20))
            self._openings += 1
