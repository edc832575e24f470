"""The web servers that are measured, and the worker: started with the settings of the product."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event, Thread

from deploy.local import launch, tied
from deploy.local.children import Child, Children
from deploy.local.given import ROOT, Given
from deploy.local.progress import Progress

COUNTING, BARE = "config.counting.Threads", "gthread"
_READY_SECONDS = 60
_KONTOR = [sys.executable, "-c", "from app.cli import main; main()"]
_KNOWING_POISON = "import benchmarks.poison; from app.cli import main; main()"


def free_port() -> int:
    """One that nobody listens on now, so that we never measure somebody else's server."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@contextmanager
def web(
    application: str, environment: Mapping[str, str], *, port: int, log: Path, worker_class: str = COUNTING
) -> Iterator[int]:
    """Process id of a gunicorn that answers; its workers never end on their own, or their CPU would be lost."""
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "config/gunicorn.py",
        "--max-requests",
        "0",
        "--worker-class",
        worker_class,
        application,
    ]
    given = {**environment, "BIND": f"127.0.0.1:{port}", "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with _process(command, given, log=log) as process:
        _wait_until_ready(process, port)
        yield process.pid


@contextmanager
def worker(environment: Mapping[str, str], *, log: Path) -> Iterator[int]:
    known = {name: value for name, value in environment.items() if name != "PROVISIONER_URL"}
    with _process([*_KONTOR, "worker"], known, log=log) as process:
        yield process.pid


@contextmanager
def scheduler(environment: Mapping[str, str], *, log: Path) -> Iterator[int]:
    with _process([*_KONTOR, "scheduler"], environment, log=log) as process:
        yield process.pid


@contextmanager
def rest_of_house(environment: Mapping[str, str], *, folder: Path) -> Iterator[dict[str, int]]:
    """Process ids, by name, of what runs beside the web server, as `./run` starts it."""
    known = {name: value for name, value in environment.items() if name != "PROVISIONER_URL"}
    with ExitStack() as house:
        yield {
            one.name: house.enter_context(
                _process(one.command, {**known, **one.knows}, log=folder / f"{one.name}.log")
            ).pid
            for one in _beside_the_web_server(environment, folder)
        }


@contextmanager
def revived_house(environment: Mapping[str, str], *, folder: Path) -> Iterator[None]:
    """The same, each started again when it ends, as `./run` does; the workers know the job that kills them."""
    known = {name: value for name, value in environment.items() if name != "PROVISIONER_URL"}
    ended = Event()
    with (folder / "house.log").open("w") as log:
        children = Children(environment=known, folder=ROOT, progress=Progress(stream=log), databases=[])
        watching = Thread(target=_watch, args=(children, ended))
        try:
            for child in _beside_the_web_server(environment, folder):
                child.command = [sys.executable, "-c", _KNOWING_POISON, *child.command[2:]]
                children.start(child)
            watching.start()
            yield
        finally:
            ended.set()
            watching.join()
            children.stop()


def _beside_the_web_server(environment: Mapping[str, str], folder: Path) -> list[Child]:
    what = Given(
        home=folder, port=0, provisioner_url=environment["PROVISIONER_URL"], redis_url=environment["REDIS_URL"]
    )
    _web, *others = launch.processes_of(what, live_port=free_port())
    return others


def _watch(children: Children, ended: Event) -> None:
    while not ended.wait(0.2):
        children.watch()


@contextmanager
def silent() -> Iterator[int]:
    """Port of a server that takes whatever comes and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=500) as listening:
        # Never accepted: the kernel takes what is sent all the same.
        yield int(listening.getsockname()[1])


@contextmanager
def _process(command: list[str], environment: Mapping[str, str], *, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*tied.to_us(signal.SIGTERM), *command], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The server on port {port} did not start; its log tells why.")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/login")
            return connection.getresponse().status == http.client.OK
    except OSError:
        return False
