"""What a killed database left behind: processes that still hold its data, and notes that name a holder who is gone.

PostgreSQL believes a note whose number belongs to any process at all by now, and then does not start.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from deploy.local.failures import EmbeddedFailed

_PROC = Path("/proc")
_GENTLY_SECONDS, _QUICKLY_SECONDS, _GIVE_UP_SECONDS = 3.0, 6.0, 10.0


def clear_postgres(data: Path, sockets: Path) -> None:
    """Raises EmbeddedFailed when a process does not go."""
    _end(lambda: _holders_of_cluster(data), gently=signal.SIGINT, quickly=signal.SIGQUIT)
    notes = (data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock", sockets / ".s.PGSQL.5432")
    # Elsewhere we see one of its processes only, and another might still be at work.
    for note in notes if _PROC.is_dir() else ():
        note.unlink(missing_ok=True)


def clear_valkey(directory: Path) -> None:
    """Raises EmbeddedFailed when a process does not go."""
    _end(lambda: holders_of_valkey(directory), gently=signal.SIGTERM, quickly=signal.SIGTERM)


def holders_of_valkey(directory: Path) -> list[int]:
    return _working_in(directory, {"valkey-server", "redis-server"})


def postmaster(data: Path) -> tuple[int, str]:
    """Process id and state, as PostgreSQL itself writes them down; (0, "") when it does not run."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return 0, ""
    number, state = (lines[at].strip() if len(lines) > at else "" for at in (0, 7))
    return (int(number) if number.isdecimal() else 0), state


def _end(holders: Callable[[], list[int]], *, gently: signal.Signals, quickly: signal.Signals) -> None:
    began = time.monotonic()
    while held_by := holders():
        waited = time.monotonic() - began
        if waited > _GIVE_UP_SECONDS:
            raise EmbeddedFailed(f"An older database still runs and does not stop: process {held_by[0]}.")
        how = gently if waited < _GENTLY_SECONDS else quickly if waited < _QUICKLY_SECONDS else signal.SIGKILL
        for pid in held_by:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, how)
        time.sleep(0.1)


def _holders_of_cluster(data: Path) -> list[int]:
    if _PROC.is_dir():
        return _working_in(data, {"postgres"})
    pid, _ = postmaster(data)
    listed = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, check=False)
    return [pid] if os.fsencode(data) in listed.stdout.split() else []


def _working_in(folder: Path, names: set[str]) -> list[int]:
    """Processes of these programs whose current folder it is, by what Linux knows of them."""
    found = []
    for process in _PROC.glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip() in names and (process / "cwd").readlink() == folder:
                found.append(int(process.name))
        except OSError:
            continue
    return found
