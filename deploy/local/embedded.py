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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.local import binaries, clusters, failures, tied
from deploy.local.failures import EmbeddedFailed

__all__ = ["EmbeddedFailed", "Server", "database_url", "postgres", "redis_url", "valkey"]

# A socket's path may have 107 bytes on Linux and 103 on macOS; "/.s.PGSQL.5432" is the longest name we add.
_LONGEST_SOCKET_FOLDER = 85
_START_SECONDS = 120
_STOP_SECONDS = 10


@dataclass(frozen=True)
class Server:
    """A running database: where it answers, and the process to watch."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def postgres(directory: Path, *, durable: bool, major: str | None = None) -> Iterator[str]:
    """DATABASE_URL of a PostgreSQL with its data in `directory`; `durable` data survives a power cut.

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
def run_postgres(directory: Path, *, durable: bool, major: str | None = None) -> Iterator[Server]:
    """Like `postgres`, for a caller that also watches the process.

    1. Take the folder's lock: a second start waits for nobody and breaks nothing.
    2. End what a killed run left behind; its data is whole.
    3. Make the cluster when it is missing, start, make the database when it is missing.
    """
    directory = directory.resolve()
    with _locked(directory):
        data, sockets = directory / "data", _socket_folder(directory)
        _prepare_sockets(sockets)
        _end_left_over_postgres(data)
        found = clusters.ready_cluster(data, durable=durable, major=major)
        command = [found.program("postgres"), "-D", str(data), *_postgres_options(sockets, durable=durable)]
        prefix = clusters.unprivileged(directory, sockets)
        process = _start(command, directory, prefix=prefix, end_with=signal.SIGINT)
        with _stopped_at_the_end(process, signal.SIGINT):
            _wait_until(lambda: _postmaster(data)[1] == "ready", process, directory)
            _make_database(found, sockets, directory)
            yield Server("postgres", database_url(directory), process, _log(directory))


@contextmanager
def run_valkey(directory: Path, *, durable: bool) -> Iterator[Server]:
    """Like `valkey`, for a caller that also watches the process."""
    directory = directory.resolve()
    with _locked(directory):
        path, program = _valkey_socket(directory), binaries.find_valkey()
        if program is None:
            raise EmbeddedFailed("No valkey-server or redis-server was found: install one or set REDIS_URL.")
        _prepare_sockets(path.parent)
        _end_left_over_valkey(path)
        command = [program, *_valkey_options(path, directory, durable=durable)]
        process = _start(command, directory, prefix=[], end_with=signal.SIGTERM)
        with _stopped_at_the_end(process, signal.SIGTERM):
            _wait_until(lambda: _says(path, b"PING").startswith(b"+PONG"), process, directory)
            yield Server("valkey", redis_url(directory), process, _log(directory))


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
def _locked(directory: Path) -> Iterator[None]:
    failures.prepare_folder(directory)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EmbeddedFailed(f"The folder {directory} is in use by another run.") from error
        yield


def _start(
    command: list[str], directory: Path, *, prefix: list[str], end_with: signal.Signals
) -> subprocess.Popen[bytes]:
    log = _log(directory)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    with log.open("wb") as output:
        return subprocess.Popen(
            [*prefix, *tied.to_us(end_with), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=clusters.environment(),
            cwd="/",
            start_new_session=True,
        )


def _log(directory: Path) -> Path:
    return directory / "server.log"


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], directory: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if process.poll() is not None:
            output = _log(directory).read_text(errors="replace")
            raise EmbeddedFailed(clusters.explain(output, folder=directory))
        if time.monotonic() > deadline:
            raise EmbeddedFailed(f"The database in {directory} did not answer in {_START_SECONDS} seconds.")
        time.sleep(0.01)


@contextmanager
def _stopped_at_the_end(process: subprocess.Popen[bytes], how: signal.Signals) -> Iterator[None]:
    try:
        yield
    finally:
        process.send_signal(how)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _make_database(found: binaries.Postgres, sockets: Path, directory: Path) -> None:
    psql = [found.program("psql"), "-XAtq", "-h", str(sockets), "-U", "kontor", "-d", "template1", "-c"]
    if _output([*psql, "SELECT 1 FROM pg_database WHERE datname = 'kontor'"], directory) != "1":
        _output([*psql, "CREATE DATABASE kontor"], directory)


def _output(command: list[str], directory: Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=clusters.environment(), check=False)
    if done.returncode:
        raise EmbeddedFailed(clusters.explain(done.stderr, folder=directory))
    return done.stdout.strip()


def _postmaster(data: Path) -> tuple[int, str]:
    """Process id and state, as PostgreSQL itself writes them down."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return 0, ""
    number, state = (lines[at].strip() if len(lines) > at else "" for at in (0, 7))
    return (int(number) if number.isdecimal() else 0), state


def _end_left_over_postgres(data: Path) -> None:
    pid, _ = _postmaster(data)
    deadline = time.monotonic() + _STOP_SECONDS
    while pid and _is_postgres_of(pid, data):
        os.kill(pid, signal.SIGINT if time.monotonic() < deadline else signal.SIGQUIT)
        time.sleep(0.1)


def _is_postgres_of(pid: int, data: Path) -> bool:
    # The number may long belong to someone else: after a reboot PostgreSQL's file names any process.
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        listed = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, check=False)
        words = listed.stdout.split()
    return os.fsencode(data) in words


def _end_left_over_valkey(path: Path) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while _says(path, b"SHUTDOWN") or _says(path, b"PING"):
        if time.monotonic() > deadline:
            raise EmbeddedFailed(f"Another Valkey answers at {path} and does not stop.")
        time.sleep(0.1)


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
