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
_HOUR, _RECEIVED, _SENT, _REQUESTS, _SEAL = 2, 3, 4, 5, 6
_WAX = 0x6B6F6E746F722121


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
        place = number * _WORDS
        _RECORD.pack_into(self._map, number * _RECORD.size, tenant_id.bytes, hour, 0, 0, 0, 0)
        self._words[place + _SEAL] = _seal(self._words, place)
        self._places[tenant_id, hour] = place
        return place

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
    """(who counted, what) as far as it is written; None when nobody began to count there.

    Mapped as by the writer, each number is read whole: read from the file, it could be half of before and half of now.
    """
    with path.open("rb") as file:
        head = file.read(len(_MARK) + 16)
        if not head.startswith(_MARK) or len(head) < len(_MARK) + 16:
            return None
        with (
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as content,
            content[: len(content) // _RECORD.size * _RECORD.size].cast("Q") as words,
        ):
            return UUID(bytes=head[len(_MARK) :]), list(_records(content, words))


def _records(content: memoryview, words: memoryview) -> Iterator[Counted]:
    for place in range(_WORDS, len(words), _WORDS):
        # Another processor may see the seal before the rest; then it is not broken, but seen at the next look.
        if not words[place + _SEAL] or words[place + _SEAL] != _seal(words, place):
            return
        tenant = bytes(content[place * 8 : place * 8 + 16])
        numbers = (words[place + at] for at in (_HOUR, _RECEIVED, _SENT, _REQUESTS))
        yield Counted(UUID(bytes=tenant), *numbers)


def _seal(words: memoryview, place: int) -> int:
    """What only a record can have whose account and hour are written."""
    first, second, hour = words[place : place + _RECEIVED].tolist()
    return int(first ^ second ^ hour ^ _WAX) | 1


counters = Counters()
