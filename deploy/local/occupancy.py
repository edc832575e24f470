"""Whether a house already runs with this data or on this port."""

import fcntl
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from deploy.local import failures
from deploy.local.failures import CannotStart
from deploy.local.given import Given

_LEAVING_SECONDS = 15
_NEAR = 50
_HIGHEST_PORT = 65535


class AlreadyRunning(CannotStart):
    """Another run holds the data."""


@contextmanager
def the_only_one(given: Given) -> Iterator[None]:
    """Hold the data folder. The lock ends with this process, so a killed run leaves none behind.

    Raises AlreadyRunning.
    """
    failures.prepare_folder(given.home)
    with (given.home / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"Kontor already runs with the data in {given.home}.") from error
        yield


@contextmanager
def the_only_one_on_its_port(given: Given) -> Iterator[None]:
    """Hold the data folder, and see that the port is free."""
    with the_only_one(given):
        with (given.home / "lock").open("r+") as note:
            _wait_for_port(given.port, last_used=_port_in(note))
            note.seek(0)
            note.write(f"{given.port}\n")
            note.truncate()
        yield


def last_port(given: Given) -> int:
    """The port of the house that runs with this data, or ran last."""
    with (given.home / "lock").open() as note:
        return _port_in(note) or given.port


def free_port_after(port: int) -> int:
    """For what nobody types by hand; the first that nobody uses at present."""
    candidates = range(port + 1, min(port + _NEAR, _HIGHEST_PORT) + 1)
    return next((near for near in candidates if _is_free(near)), port)


def _port_in(note: TextIO) -> int | None:
    text = note.read().strip()
    return int(text) if text.isdecimal() else None


def _wait_for_port(port: int, *, last_used: int | None) -> None:
    # After a kill -9 the web server is still saying goodbye to its visitors.
    deadline = time.monotonic() + (_LEAVING_SECONDS if port == last_used else 0)
    while not _is_free(port):
        if time.monotonic() >= deadline:
            raise CannotStart(f"Port {port} is taken; choose another one, for example PORT={port + 1} ./run")
        time.sleep(0.1)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise CannotStart(f"Port {port} may not be used by this user; choose one above 1023.") from error
        except OSError:
            return False
    return True
