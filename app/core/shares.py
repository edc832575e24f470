"""How many requests of one firm a process answers at once: who asks for much leaves threads for the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Condition
from uuid import UUID

from config.server_limits import server_limits
from tenants.errors import TooMany

PATIENCE = 1.0
"""Seconds for which a request waits until another one of its firm is answered."""


class FirmBusy(TooMany):
    """Your firm is asking for very much at the same time. Please try again in a moment."""

    code = "firm_busy"


class Shares:
    """``most`` at once for each firm, and ``waiting`` more that hold a thread while they wait."""

    def __init__(self, *, most: int, waiting: int) -> None:
        self._most, self._most_waiting = most, waiting
        self._busy: Counter[UUID] = Counter()
        self._waiting: Counter[UUID] = Counter()
        self._changed = Condition()

    @contextmanager
    def taken(self, tenant_id: UUID) -> Iterator[None]:
        """Raises FirmBusy."""
        with self._changed:
            if self._busy[tenant_id] >= self._most:
                self._wait(tenant_id)
            self._busy[tenant_id] += 1
        try:
            yield
        finally:
            self._give_back(tenant_id)

    def _wait(self, tenant_id: UUID) -> None:
        if self._waiting[tenant_id] >= self._most_waiting:
            raise FirmBusy
        self._waiting[tenant_id] += 1
        try:
            if not self._changed.wait_for(lambda: self._busy[tenant_id] < self._most, PATIENCE):
                raise FirmBusy
        finally:
            self._lower(self._waiting, tenant_id)

    def _give_back(self, tenant_id: UUID) -> None:
        with self._changed:
            self._lower(self._busy, tenant_id)
            if self._waiting:
                self._changed.notify_all()

    def _lower(self, counter: Counter[UUID], tenant_id: UUID) -> None:
        """Firms that ask for nothing leave no trace."""
        counter[tenant_id] -= 1
        if not counter[tenant_id]:
            del counter[tenant_id]


@cache
def shares() -> Shares:
    """Those of this process."""
    limits = server_limits()
    return Shares(most=limits.firm_requests, waiting=limits.firm_waiting)
