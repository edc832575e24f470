"""What processes cost, from Linux's /proc: CPU time in nanoseconds' precision, memory as proportional set size."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")
_BACKEND = b"postgres: "
_SERVANTS = (
    "io worker",
    "checkpointer",
    "background writer",
    "walwriter",
    "autovacuum",
    "logical replication",
)
_KIB = 1024


def children(pid: int) -> list[int]:
    return [int(word) for words in _of_threads(pid, "children") for word in words.split()]


def family(pid: int) -> list[int]:
    return [pid, *(one for child in children(pid) for one in family(child))]


def backends(postmaster: int) -> list[int]:
    """Those that serve a client; vacuum and checkpoints work for nobody in particular."""
    return [pid for pid in family(postmaster) if _serves_a_client(pid)]


def cpu_seconds(pids: Iterable[int]) -> float:
    """Of all threads that live; a process that ended in between takes its own with it."""
    return sum(_nanoseconds(pid) for pid in pids) / 1e9


def pss_mib(pids: Iterable[int]) -> float:
    return sum(_rollup(pid, "Pss") for pid in pids) / _KIB


def own_mib(pid: int) -> float:
    """Memory that nobody else uses: of a backend without the buffers that all share."""
    return _rollup(pid, "Pss_Anon") / _KIB


def _nanoseconds(pid: int) -> int:
    return sum(int(words.split()[0]) for words in _of_threads(pid, "schedstat"))


def _of_threads(pid: int, name: str) -> list[str]:
    """The file of this name of each thread; a process may end while we read."""
    try:
        return [(thread / name).read_text() for thread in (_PROC / str(pid) / "task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _serves_a_client(pid: int) -> bool:
    title = _title(pid)
    return title.startswith(_BACKEND) and not title.decode().removeprefix("postgres: ").startswith(_SERVANTS)


def _title(pid: int) -> bytes:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _rollup(pid: int, name: str) -> int:
    """In KiB."""
    lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
