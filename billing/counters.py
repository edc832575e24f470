"""What each process has counted, in a file of its own: totals that only grow, per account and hour.

The file is mapped into memory, so that counting asks nobody, and what was counted survives the process. Whoever counts
holds the file's lock for life: a file that can be locked is complete.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from config.settings import settings
from tenants import clock
from tenants.db import new_id

log = get_logger()

NOBODY = UUID(int=0)
"""The account of what belongs to no tenant: with it, the sum is what went over the wire."""

HOUR = 3600
_MARK = b"traffic1"
_RECORD = struct.Struct("=16sqQQQQ8x")
_WORDS = _RECORD.size // 8
_MOST = 4096
_RECEIVED, _SENT, _REQUESTS, _IS_VALID = 3, 4, 5, 6


class Counted(NamedTuple):
    """What one process has counted on one account in one hour so far."""

    tenant_id: UUID
    hour: int
    """Of Unix time."""

    received: int
    sent: int
    requests: int


class _Page:
    """One file. The first record says whose it is."""

    def __init__(self) -> None:
        self.source = new_id()
        try:
            self._map = self._mapped(folder() / self.source.hex)
        except OSError as error:
            # On paper that nobody will read: no page is worse for it.
            log.warning("traffic.not_kept", error=type(error).__name__)
            self._map = mmap.mmap(-1, _RECORD.size * (_MOST + 1))
        self._words = memoryview(self._map).cast("Q")
        self._places: dict[tuple[UUID, int], int] = {}

    def _mapped(self, path: Path) -> mmap.mmap:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("x+b")
        weakref.finalize(self, self._file.close)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        # Really written: on a full disk a hole in the file would end the process at its first number.
        self._file.write((_MARK + self.source.bytes).ljust(_RECORD.size * (_MOST + 1), b"\0"))
        self._file.flush()
        return mmap.mmap(self._file.fileno(), 0)

    def place(self, tenant_id: UUID, hour: int) -> int:
        """Where the numbers of an account and hour stand; 0 when there is no room for more."""
        found = self._places.get((tenant_id, hour))
        if found is not None:
            return found
        number = len(self._places) + 1
        if number > _MOST:
            return 0
        _RECORD.pack_into(self._map, number * _RECORD.size, tenant_id.bytes, hour, 0, 0, 0, 0)
        self._words[number * _WORDS + _IS_VALID] = 1
        self._places[tenant_id, hour] = number * _WORDS
        return number * _WORDS

    def add(self, place: int, *amounts: int) -> None:
        for at, amount in enumerate(amounts, place + _RECEIVED):
            if amount:
                self._words[at] += amount


class Counters:
    """What this process counts, from any of its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = 0
        self._page: _Page | None = None
        self._hour = 0

    def add(self, tenant_id: UUID | None, received: int, sent: int, requests: int) -> None:
        hour = self._now()
        with self._lock:
            page = self._open()
            place = page.place(tenant_id or NOBODY, hour)
            if not place:
                page = self._open(anew=True)
                place = page.place(tenant_id or NOBODY, hour)
            page.add(place, received, sent, requests)

    def _open(self, *, anew: bool = False) -> _Page:
        # A forked process has the page of its parent, but must not write on it.
        if self._page is None or anew or self._process != os.getpid():
            self._page, self._process = _Page(), os.getpid()
        return self._page

    def _now(self) -> int:
        try:
            self._hour = int(clock.now().timestamp()) // HOUR
        except SQLAlchemyError as error:
            # Only the clock of a test asks the database; without it, it stands still.
            log.warning("traffic.no_clock", error=type(error).__name__)
        return self._hour


def folder() -> Path:
    return settings().home / "traffic"


def read(path: Path) -> tuple[UUID, list[Counted]] | None:
    """(who counted, what) as far as it is written; None when nobody began to count there."""
    content = path.read_bytes()
    if content[: len(_MARK)] != _MARK:
        return None
    return UUID(bytes=content[len(_MARK) : len(_MARK) + 16]), list(_records(content))


def _records(content: bytes) -> Iterator[Counted]:
    for start in range(_RECORD.size, len(content), _RECORD.size):
        tenant, hour, received, sent, requests, is_valid = _RECORD.unpack_from(content, start)
        if not is_valid:
            return
        yield Counted(UUID(bytes=tenant), hour, received, sent, requests)


counters = Counters()
