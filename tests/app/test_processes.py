"""The processes of a server: each starts from its environment alone, and none shows what is for trying only."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from flask import Flask

from tests.billing.serving import free_port

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 90


def environment(home: Path, *, port: int, **more: str) -> dict[str, str]:
    """As a unit of the system hands it over, on the databases of the tests."""
    return {
        "PATH": os.environ["PATH"],
        "KONTOR_HOME": str(home),
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "CELL_URL": os.environ["CELL_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
        "SECRET_KEY": "another secret that is as long as it has to be",
        "PUBLIC_URL": "https://crm.example",
        "SMTP_URL": "smtp://127.0.0.1:1",
        "BIND": f"127.0.0.1:{port}",
        "WEB_PROCESSES": "1",
        **more,
    }


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from app.cli import main; main()", *words]


@contextmanager
def running(word: str, given: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(command(word), cwd=ROOT, env=given, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def answer(port: int, path: str, process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
                connection.request("GET", path, headers={"Host": "crm.example"})
                got = connection.getresponse()
                return got.status, got.read()
        except OSError:
            assert process.poll() is None, "it ended"
            assert time.monotonic() < deadline, "it does not answer"
            time.sleep(0.1)


def test_a_web_server_shows_no_mailbox_and_stops_when_it_is_told_to(app: Flask, tmp_path: Path) -> None:
    port = free_port()

    with running("web", environment(tmp_path, port=port), tmp_path / "web.log") as web:
        ready, _ = answer(port, "/readyz", web)
        mailbox, _ = answer(port, "/mailbox/", web)
        _, login = answer(port, "/login", web)
        web.send_signal(signal.SIGTERM)
        code = web.wait(60)

    # Below that address there could be a firm, for whoever is logged in; there is no page of ours.
    assert (ready, mailbox, code) == (200, 303, 0)
    assert b"mailbox" not in login
    assert b"Traceback" not in (tmp_path / "web.log").read_bytes()


def test_live_updates_start_from_the_environment_alone(app: Flask, tmp_path: Path) -> None:
    port = free_port()

    with running("live", environment(tmp_path, port=port), tmp_path / "live.log") as live:
        status, _ = answer(port, "/live/acme", live)

    assert status == 401


@pytest.mark.parametrize("word", ["web", "live", "worker"])
def test_who_answers_strangers_refuses_to_know_who_may_create_roles(app: Flask, tmp_path: Path, word: str) -> None:
    given = environment(tmp_path, port=free_port(), PROVISIONER_URL=os.environ["PROVISIONER_URL"])

    refused = subprocess.run(command(word), cwd=ROOT, env=given, capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert refused.stderr == f"Error: kontor {word} must not know PROVISIONER_URL; take it out of its environment.\n"


def test_a_scheduler_that_cannot_make_room_for_new_firms_does_not_start(app: Flask, tmp_path: Path) -> None:
    given = environment(tmp_path, port=free_port())

    refused = subprocess.run(command("scheduler"), cwd=ROOT, env=given, capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: PROVISIONER_URL is not set")


def test_the_demo_stays_on_ones_own_machine(app: Flask, tmp_path: Path) -> None:
    given = environment(tmp_path, port=free_port(), PROVISIONER_URL=os.environ["PROVISIONER_URL"])

    refused = subprocess.run(command("demo"), cwd=ROOT, env=given, capture_output=True, text=True, check=False)

    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def test_a_busy_port_ends_the_start_with_one_sentence(app: Flask, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused = subprocess.run(
            command("web"),
            cwd=ROOT,
            env=environment(tmp_path, port=port),
            capture_output=True,
            text=True,
            check=False,
        )

    assert refused.returncode == 1
    (sentence,) = refused.stderr.splitlines()
    assert sentence.startswith(f"Error: Kontor cannot listen on 127.0.0.1:{port} (Address already in use);")
