"""Counting together: every thread of every process counts on a sheet of its own, and whoever asks adds them up.

A sheet is a mapped file that only one thread writes, so counting takes no lock and loses nothing. Whoever writes a
sheet holds its file's lock for life; a sheet without a writer is added to the sheet of the dead and goes.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import threading
import weakref
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from structlog import get_logger

from config.settings import settings
from tenants.db import new_id

log = get_logger()

Series = tuple[str, ...]
Totals = dict[Series, list[float]]

AT_PRESENT = "at present"
"""First word of series that go up and down: they end with whoever counted them."""

NUMBERS = 16
"""How many numbers a series has."""

_KEY_BYTES = 192
_RECORD_BYTES = _KEY_BYTES + 8 * NUMBERS
_MOST_SERIES = 1000
_SIZE = _RECORD_BYTES * _MOST_SERIES
_OF_THE_DEAD = "dead"
_OTHERS: Series = ("others",)
_BETWEEN = "\x1f"

_mine = threading.local()
_folded_by = 0
"""The process that has seen to the sheets of those that have ended."""


class _Sheet:
    """The file of one thread. What does not fit any more is counted together as others."""

    def __init__(self, path: Path) -> None:
        try:
            self._map = self._mapped(path)
        except OSError as error:
            # On paper that nobody will read: no page is worse for it.
            log.warning("tally.not_kept", error=type(error).__name__)
            self._map = mmap.mmap(-1, _SIZE)
        self._numbers = memoryview(self._map).cast("d")
        self._places: dict[Series, int] = {}
        self._places[_OTHERS] = self._begin(_OTHERS)

    def _mapped(self, path: Path) -> mmap.mmap:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w+b")
        # A thread that ends leaves its numbers to whoever adds up next.
        weakref.finalize(self, self._file.close)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        # Really written: on a full disk a hole in the file would end the process at its first number.
        self._file.write(bytes(_SIZE))
        self._file.flush()
        return mmap.mmap(self._file.fileno(), _SIZE)

    def place(self, series: Series) -> int:
        """Where the numbers of a series begin."""
        place = self._places.get(series)
        return self._begin(series) if place is None else place

    def add(self, place: int, amount: float) -> None:
        self._numbers[place] += amount

    def _begin(self, series: Series) -> int:
        key = _BETWEEN.join(series).encode()
        if len(self._places) == _MOST_SERIES or len(key) > _KEY_BYTES:
            return self._places[_OTHERS]
        start = len(self._places) * _RECORD_BYTES
        self._map[start : start + len(key)] = key
        self._places[series] = (start + _KEY_BYTES) // 8
        return self._places[series]


def add(series: Series, *amounts: tuple[int, float]) -> None:
    """Add to numbers of a series: (which, how much)."""
    sheet = _sheet()
    place = sheet.place(series)
    for which, amount in amounts:
        sheet.add(place + which, amount)


def _sheet() -> _Sheet:
    # A forked process has the sheet of its parent, but must not write on it.
    if getattr(_mine, "process", None) != os.getpid():
        _mine.sheet, _mine.process = _Sheet(_folder() / f"{os.getpid()}-{new_id().hex}"), os.getpid()
        _fold_once()
    sheet: _Sheet = _mine.sheet
    return sheet


def _fold_once() -> None:
    """Each process that begins to count sees to those that have ended."""
    global _folded_by  # noqa: PLW0603  once a process is the point
    if _folded_by != os.getpid():
        _folded_by = os.getpid()
        try:
            fold()
        except OSError as error:
            log.warning("tally.not_folded", error=type(error).__name__)


def totals() -> Totals:
    """All numbers of all processes, those that have ended included."""
    with _alone() as dead:
        found = _fold(dead)
        for path in _sheets():
            _merge(found, _read(path))
    return found


def fold() -> None:
    """The sheets of those that have ended become one, whether anybody asks for the numbers or not."""
    with _alone() as dead:
        _fold(dead)


def _fold(dead: Path) -> Totals:
    """The numbers of all that have ended."""
    ended = [path for path in _sheets() if not _is_written(path)]
    lasting: Totals = _read(dead) if dead.exists() else {}
    for path in ended:
        _merge(lasting, {series: numbers for series, numbers in _read(path).items() if series[0] != AT_PRESENT})
    if ended:
        _keep(lasting, dead)
    for path in ended:
        path.unlink()
    return lasting


def processes() -> set[int]:
    """The processes that count at present."""
    return {int(path.name.partition("-")[0]) for path in _sheets() if _is_written(path)}


def _folder() -> Path:
    return settings().home / "tally"


def _sheets() -> list[Path]:
    return sorted(path for path in _folder().glob("*-*") if path.is_file())


@contextmanager
def _alone() -> Iterator[Path]:
    """One at a time adds up, so that no sheet is added twice."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder / _OF_THE_DEAD


def _is_written(path: Path) -> bool:
    if path.stat().st_size == 0:
        # Just made; its writer takes the lock in a moment.
        return True
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _read(path: Path) -> Totals:
    found: Totals = {}
    content = path.read_bytes()
    for start in range(0, len(content), _RECORD_BYTES):
        key = content[start : start + _KEY_BYTES].rstrip(b"\0")
        if not key:
            break
        numbers = memoryview(content)[start + _KEY_BYTES : start + _RECORD_BYTES].cast("d")
        found[tuple(key.decode().split(_BETWEEN))] = list(numbers)
    return found


def _merge(into: Totals, more: Totals) -> None:
    for series, numbers in more.items():
        before = into.get(series, [0.0] * NUMBERS)
        into[series] = [one + other for one, other in zip(before, numbers, strict=True)]


def _keep(numbers: Totals, path: Path) -> None:
    """Written beside and put in place whole: whoever is killed here leaves the old one."""
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        for series, values in numbers.items():
            file.write(_BETWEEN.join(series).encode().ljust(_KEY_BYTES, b"\0"))
            file.write(array("d", values).tobytes())
    beside.replace(path)
