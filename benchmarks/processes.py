"""What processes cost, from Linux's /proc: CPU time in nanoseconds' precision, memory as proportional set size."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")
_BACKEND = "postgres: "
_SERVANTS = (
    "io worker",
    "checkpointer",
    "background writer",
    "walwriter",
    "autovacuum",
    "logical replication",
)
_KIB = 1024
_TICKS = os.sysconf("SC_CLK_TCK")


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


def spent_seconds(root: int) -> float:
    """CPU of a process and all that it has started, also of those that have ended."""
    alive = family(root)
    return cpu_seconds(alive) + sum(_of_ended_children(pid) for pid in alive)


def pss_mib(pids: Iterable[int]) -> float:
    return sum(_rollup(pid, "Pss") for pid in pids) / _KIB


def own_mib(pid: int) -> float:
    """Memory that nobody else uses: of a backend without the buffers that all share."""
    return _rollup(pid, "Pss_Anon") / _KIB


def _nanoseconds(pid: int) -> int:
    return sum(int(words.split()[0]) for words in _of_threads(pid, "schedstat"))


def _of_ended_children(pid: int) -> float:
    """In seconds, with a hundredth's precision."""
    try:
        words = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(word) for word in words[13:15]) / _TICKS


def _of_threads(pid: int, name: str) -> list[str]:
    """The file of this name of each thread; a process may end while we read."""
    try:
        return [(thread / name).read_text() for thread in (_PROC / str(pid) / "task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _serves_a_client(pid: int) -> bool:
    said = title(pid)
    return said.startswith(_BACKEND) and not said.removeprefix(_BACKEND).startswith(_SERVANTS)


def title(pid: int) -> str:
    """The words with which it was started, or what it calls itself; empty when it has ended."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _rollup(pid: int, name: str) -> int:
    """In KiB."""
    lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
