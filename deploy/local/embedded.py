"""PostgreSQL and Valkey of our own in a folder: made when missing, started, stopped. Standard library only.

Both listen on unix sockets in a folder that only its owner may enter, so neither needs a password or a port.
"""

import fcntl
import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from deploy.local import binaries, clusters, failures, leftovers
from deploy.local.failures import EmbeddedFailed
from deploy.local.server import Server

# A socket's path may have 107 bytes on Linux and 103 on macOS; "/.s.PGSQL.5432" is the longest name we add.
_LONGEST_SOCKET_FOLDER = 85
_STOP_SECONDS = 3.0
"""So long it may take to put its things in order; then it ends at once."""


@contextmanager
def postgres(directory: Path, *, durable: bool, major: str | None = None) -> Iterator[str]:
    """PROVISIONER_URL of a PostgreSQL with its data in `directory`; `durable` data survives a power cut.

    `major` is the version that makes new data; without it the first that is found does.
    """
    with run_postgres(directory, durable=durable, major=major) as server:
        yield server.url


@contextmanager
def valkey(directory: Path, *, durable: bool) -> Iterator[str]:
    """REDIS_URL of a Valkey that keeps its append-only file in `directory`, or nothing without `durable`."""
    with run_valkey(directory, durable=durable) as server:
        yield server.url


def database_url(directory: Path) -> str:
    return f"postgresql://kontor@/kontor?host={quote(str(_socket_folder(directory)))}"


def redis_url(directory: Path) -> str:
    return f"unix://{quote(str(_valkey_socket(directory)))}"


@contextmanager
def run_postgres(folder: Path, *, durable: bool, major: str | None = None) -> Iterator[Server]:
    """Like `postgres`, for a caller that also looks after the process.

    1. Take the folder's lock: a second start waits for nobody and breaks nothing.
    2. End what a killed run left behind; its data is whole.
    3. Make the cluster when it is missing, start, make the database when it is missing.
    """
    with _locked(folder) as directory:
        data, sockets = directory / "data", _socket_folder(directory)
        _prepare_sockets(sockets)
        found = clusters.ready_cluster(data, durable=durable, major=major)
        server = Server(
            name="postgres",
            url=database_url(directory),
            folder=directory,
            command=[found.program("postgres"), "-D", str(data), *_postgres_options(sockets, durable=durable)],
            prefix=clusters.unprivileged(directory, sockets),
            gently=signal.SIGINT,
            quickly=signal.SIGQUIT,
            clear=lambda: leftovers.clear_postgres(data, sockets),
            ready=lambda pid: leftovers.postmaster(data) == (pid, "ready"),
        )
        with _running(server):
            _make_database(found, sockets, directory)
            yield server


@contextmanager
def run_valkey(folder: Path, *, durable: bool) -> Iterator[Server]:
    """Like `valkey`, for a caller that also looks after the process."""
    with _locked(folder) as directory:
        path, program = _valkey_socket(directory), binaries.find_valkey()
        if program is None:
            raise EmbeddedFailed("No valkey-server or redis-server was found: install one or set REDIS_URL.")
        _prepare_sockets(path.parent)
        server = Server(
            name="valkey",
            url=redis_url(directory),
            folder=directory,
            command=[program, *_valkey_options(path, directory, durable=durable)],
            prefix=[],
            gently=signal.SIGTERM,
            quickly=signal.SIGKILL,
            clear=lambda: _clear_valkey(directory, path),
            ready=lambda _pid: _says(path, b"PING").startswith(b"+PONG"),
        )
        with _running(server):
            yield server


@contextmanager
def _running(server: Server) -> Iterator[None]:
    server.start()
    try:
        server.wait_until_it_answers()
        yield
    finally:
        server.ask_to_end()
        server.wait_for_end(until=time.monotonic() + _STOP_SECONDS)


def _postgres_options(sockets: Path, *, durable: bool) -> list[str]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    if sys.platform == "linux":
        # A schema per tenant makes hundreds of thousands of files; opening each after a crash takes minutes.
        settings["recovery_init_sync_method"] = "syncfs"
    if not durable:
        settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _valkey_options(path: Path, directory: Path, *, durable: bool) -> list[str]:
    options = ["--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--dir", str(directory)]
    options += ["--save", "", "--appendonly", "yes" if durable else "no"]
    # What was being written when it was killed had not been acknowledged.
    options += ["--aof-load-truncated", "yes"]
    return [*options, "--maxmemory-policy", "noeviction", "--loglevel", "warning"]


def _socket_folder(directory: Path) -> Path:
    """The directory itself, or a short one derived from its name when a socket's path would not fit."""
    directory = directory.resolve()
    fits = len(os.fsencode(directory)) <= _LONGEST_SOCKET_FOLDER
    if fits and re.fullmatch(r"[\w./-]+", str(directory)):
        return directory
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"kontor-{os.getuid()}-{name}"


def _prepare_sockets(folder: Path) -> None:
    failures.prepare_folder(folder)
    # In a folder for everyone, another user may have been there first.
    if folder.is_symlink() or folder.stat().st_uid not in clusters.owners():
        raise EmbeddedFailed(f"The folder {folder} must belong to the user who starts us.")
    folder.chmod(0o700)


def _valkey_socket(directory: Path) -> Path:
    return _socket_folder(directory) / "valkey.sock"


@contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """The folder by its full name, held for as long as the server in it is ours."""
    directory = folder.resolve()
    failures.prepare_folder(directory)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EmbeddedFailed(f"The folder {directory} is in use by another run.") from error
        yield directory


def _make_database(found: binaries.Postgres, sockets: Path, directory: Path) -> None:
    psql = [found.program("psql"), "-XAtq", "-h", str(sockets), "-U", "kontor", "-d", "template1", "-c"]
    if _output([*psql, "SELECT 1 FROM pg_database WHERE datname = 'kontor'"], directory) != "1":
        _output([*psql, "CREATE DATABASE kontor"], directory)


def _output(command: list[str], directory: Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=clusters.environment(), check=False)
    if done.returncode:
        raise EmbeddedFailed(clusters.explain(done.stderr, folder=directory))
    return done.stdout.strip()


def _clear_valkey(directory: Path, path: Path) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while (_says(path, b"SHUTDOWN") or _says(path, b"PING")) and time.monotonic() < deadline:
        time.sleep(0.1)
    leftovers.clear_valkey(directory)


def _says(path: Path, command: bytes) -> bytes:
    """Valkey's answer, empty when nobody listens."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(path))
            connection.sendall(command + b"\r\n")
            return connection.recv(100)
    except OSError:
        return b""
