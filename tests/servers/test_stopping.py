"""Told to stop, the web server ends what it has begun and resets nobody."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import Popen

import pytest

from tests.billing import serving
from tests.servers.clients import ask, connect, head, heard

SLOWLY = ("config/gunicorn.py", "tests.servers.slowly:app")
REFUSED = b"refused"
"""Nobody listens any more: a proxy asks another one, and nothing was lost."""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, Popen[bytes]]]:
    port = serving.free_port()
    with serving.served(port, log=tmp_path / "web.log", by=SLOWLY, processes=2) as process:
        assert ask(port, head("GET /", "Connection: close")).endswith(b"ended")
        yield port, process


def test_a_request_of_ten_seconds_comes_to_its_end(served: tuple[int, Popen[bytes]]) -> None:
    port, process = served
    with ThreadPoolExecutor(1) as people:
        asked = people.submit(ask, port, head("GET /10"))
        time.sleep(1)

        process.terminate()

        assert asked.result().endswith(b"ended")
    assert process.wait(30) == 0


def test_whoever_is_let_in_while_it_stops_is_answered(served: tuple[int, Popen[bytes]]) -> None:
    port, process = served

    def ask_on_and_on() -> list[bytes]:
        answers: list[bytes] = []
        while REFUSED not in answers:
            try:
                answers.append(ask(port, head("GET /0.02", "Connection: close"))[-5:])
            except ConnectionRefusedError:
                answers.append(REFUSED)
        return answers

    with ThreadPoolExecutor(24) as people:
        asked = [people.submit(ask_on_and_on) for _ in range(24)]
        time.sleep(2)
        process.terminate()
        answers = [answer for one in asked for answer in one.result(60)]

    assert len(answers) > 50
    assert set(answers) == {b"ended", REFUSED}


def test_a_process_that_ends_alone_takes_nobody_elses_guests_along(served: tuple[int, Popen[bytes]]) -> None:
    """As after so many requests, to give its memory back: another one is begun, and everybody is let in."""
    port, master = served
    (one, *others) = children_of(master.pid)
    os.kill(one, signal.SIGTERM)
    until_gone(one)

    answers = [ask(port, head("GET /0", "Connection: close"), timeout=10) for _ in range(20)]

    assert all(answer.endswith(b"ended") for answer in answers)
    assert set(others) <= set(children_of(master.pid))


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until_gone(pid: int) -> None:
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.01)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def test_who_keeps_a_connection_is_told_that_it_ends(served: tuple[int, Popen[bytes]]) -> None:
    port, process = served
    with connect(port) as kept, connect(port) as idle:
        kept.sendall(head("GET /0"))
        assert b"keep-alive" in kept.recv(1 << 16)
        process.terminate()
        while listens(port):
            time.sleep(0.01)
        kept.sendall(head("GET /0"))

        answer = heard(kept)
        assert answer.endswith(b"ended")
        assert b"Connection: close" in answer
        assert heard(idle) == b""
