"""Where the time of one operation goes: a flame graph of the web processes, and its statements with their plans."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import psycopg

from benchmarks.operations import OPERATIONS, Operation

if TYPE_CHECKING:
    from benchmarks.run import House

_SECONDS = 15
_EXPLAIN = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_nested_statements": "on",
}
_EXPLAINED = 3
_RESTART_SECONDS = 10


def draw(house: House, name: str, *, folder: Path) -> None:
    operation = next(one for one in OPERATIONS if one.name == name)
    stem = folder / name.replace(" ", "-")
    house.prepare(operation)
    _flames(house, operation, stem.with_suffix(".svg"))
    _plans(house, operation, stem.with_suffix(".plans.txt"))


def _flames(house: House, operation: Operation, path: Path) -> None:
    house.progress.say(f"Watching {operation.name} for {_SECONDS} seconds ...")
    spy = Path(sys.executable).with_name("py-spy")
    command = [str(spy), "record", "--subprocesses", "--rate", "500", "--duration", str(_SECONDS)]
    until = time.monotonic() + _SECONDS + 2
    load = Thread(target=_keep_asking, args=(house, operation, until))
    load.start()
    done = subprocess.run([*command, "-o", str(path), "-p", str(house.product.web)], capture_output=True, check=False)
    load.join()
    said = done.stderr.decode(errors="replace").strip()
    house.progress.say(f"The flames are in {path}" if path.exists() else f"py-spy drew nothing: {said}")


def _keep_asking(house: House, operation: Operation, until: float) -> None:
    while time.monotonic() < until:
        house.product.run([operation.request(house.product.side, house.samples) for _ in range(20)], at_once=1)


def _plans(house: House, operation: Operation, path: Path) -> None:
    """Plans as they really ran; only new connections write them, so the web processes begin anew."""
    log = house.folder / "working/postgres/server.log"
    with psycopg.connect(house.database_url, autocommit=True) as connection:
        for setting, value in _EXPLAIN.items():
            connection.execute(f"ALTER SYSTEM SET {setting} = '{value}'".encode())
        connection.execute("SELECT pg_reload_conf()")
    os.kill(house.product.web, signal.SIGHUP)
    time.sleep(_RESTART_SECONDS)
    requests = [operation.request(house.product.side, house.samples) for _ in range(_EXPLAINED + 10)]
    house.product.run(requests[_EXPLAINED:], at_once=1)
    read = log.stat().st_size
    house.product.run(requests[:_EXPLAINED], at_once=1)
    path.write_bytes(log.read_bytes()[read:])
    house.progress.say(f"The plans are in {path}")
