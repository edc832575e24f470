"""A PostgreSQL and a Valkey that hold the data: filled once, copied for each run so that no run changes another."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.sizes import SECRET, Size
from config import logins
from deploy.local import embedded, given
from deploy.local.failures import CannotStart
from deploy.local.given import ROOT
from deploy.local.progress import Progress

_FILLED_BY = (
    "benchmarks/cluster.py",
    "benchmarks/data.py",
    "benchmarks/filling.py",
    "benchmarks/floor/tables.sql",
    "app/core/keys.py",
    "tenants/changes.py",
    "migrations/platform/*.py",
    "migrations/tenant/*.py",
)
_STOCK = 30
"""Ready schemas, one for each sign-up that is measured."""


@contextmanager
def running(folder: Path, size: Size, progress: Progress) -> Iterator[dict[str, str]]:
    """The environment of everything that works on a fresh copy of the filled databases in ``folder``."""
    filled, working = folder / "filled", folder / "working"
    with _alone(folder):
        _fill_when_old(filled, folder / "stamp", size, progress)
        progress.say("Copying the data ...")
        shutil.rmtree(working, ignore_errors=True)
        subprocess.run(["cp", "-a", str(filled), str(working)], check=True)
        with _databases(working) as environment:
            yield environment
        shutil.rmtree(working, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(f"Another ./run bench is measuring in {folder}.") from error
        yield


def _fill_when_old(filled: Path, stamp: Path, size: Size, progress: Progress) -> None:
    fingerprint = _fingerprint(size)
    if not stamp.exists() or stamp.read_text() != fingerprint:
        stamp.unlink(missing_ok=True)
        _fill(filled, size, progress)
        stamp.write_text(fingerprint)


def _fill(folder: Path, size: Size, progress: Progress) -> None:
    progress.say(f"Filling the databases with {size.contacts} contacts; this is kept for the next time ...")
    shutil.rmtree(folder, ignore_errors=True)
    with _databases(folder) as environment:
        _set(environment, "shared_preload_libraries", "pg_stat_statements")
        _set(environment, "max_wal_size", "4GB")
    # The extension that counts statements is loaded when the server starts.
    with _databases(folder) as environment:
        subprocess.run([sys.executable, "-m", "benchmarks.filling", size.name], cwd=ROOT, env=environment, check=True)


def _set(environment: Mapping[str, str], setting: str, value: str) -> None:
    with psycopg.connect(environment["PROVISIONER_URL"], autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET {setting} = '{value}'".encode())


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, str]]:
    with (
        embedded.postgres(folder / "postgres", durable=False) as database_url,
        embedded.valkey(folder / "valkey", durable=False) as redis_url,
    ):
        yield given.environment(
            {
                "PROVISIONER_URL": database_url,
                **logins.addresses(database_url, password=None),
                "REDIS_URL": redis_url,
                "SECRET_KEY": SECRET,
                "KONTOR_HOME": str(folder / "files"),
                "KONTOR_EMBEDDED": "1",
                "KONTOR_STOCK": str(_STOCK),
            }
        )


def _fingerprint(size: Size) -> str:
    whole = hashlib.sha256(repr(size).encode())
    for pattern in _FILLED_BY:
        for path in sorted(ROOT.glob(pattern)):
            whole.update(path.read_bytes())
    return whole.hexdigest()
