"""A house that runs: it stops as a whole, keeps what it was given, and gets up again."""

import os
import signal
import socket
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from deploy.local import embedded, leftovers
from tests.door.load import Person
from tests.door.started import (
    IN_THE_BACKGROUND,
    STOPS_WITHIN,
    House,
    gone_within,
    is_free,
    port_after,
    processes_of,
    run,
    started,
)

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="asks Linux which processes are alive"),
    pytest.mark.timeout(900),
]
_READING_SECONDS = 120


def test_ctrl_c_stops_everything_and_the_data_survives(tmp_path: Path, port: int) -> None:
    with started(tmp_path, port) as house:
        _remember(tmp_path, 42)
        assert _status(port, "/readyz") == 200

        assert house.press_ctrl_c() == 0
        said = house.said()

    assert processes_of(tmp_path) == {}
    assert is_free(port)
    assert "Traceback" not in said
    with started(tmp_path, port):
        assert _remembered(tmp_path) == (42, b"42")


def test_a_killed_house_leaves_nothing_in_the_way_of_the_next(tmp_path: Path, port: int) -> None:
    with started(tmp_path, port) as house:
        _remember(tmp_path, 7)
        house.kill()

    with started(tmp_path, port):
        assert _remembered(tmp_path) == (7, b"7")

    assert gone_within(tmp_path, 5)


def test_a_second_house_does_not_touch_the_first(home: Path, port: int) -> None:
    with started(home, port):
        second = run(home=home, port=port)

        assert second.returncode == 1
        assert second.stderr == f"Kontor already runs with the data in {home}.\n"
        assert _status(port, "/readyz") == 200


def test_a_web_server_that_died_is_started_again(home: Path, port: int) -> None:
    with started(home, port) as house:
        web = min(pid for pid, command in processes_of(home).items() if "gunicorn" in command)
        os.kill(web, signal.SIGKILL)

        house.wait_for("web ended with code -9; starting it again in 0.5 s")

        assert _status_within(port, "/readyz", seconds=120) == 200


def test_databases_that_died_are_started_again_and_the_others_live_on(home: Path, port: int) -> None:
    with started(home, port) as house:
        _remember(home, 3)

        for name, pid in (("postgres", _postgres(home)), ("valkey", _valkey(home))):
            os.kill(pid, signal.SIGKILL)
            house.wait_for(f"{name} ended with code -9; starting it again in 0.5 s")
            house.wait_for(f"{name} answers again.")

        assert _status_within(port, "/readyz", seconds=60) == 200
        assert _remembered(home) == (3, b"3")


def test_a_house_in_the_background_of_a_script_ignores_a_hang_up_and_stops_on_ctrl_c(home: Path, port: int) -> None:
    with started(home, port, before=(*IN_THE_BACKGROUND, "nohup")) as house:
        house.process.send_signal(signal.SIGHUP)
        time.sleep(1)
        assert _status(port, "/readyz") == 200

        began = time.monotonic()
        house.process.send_signal(signal.SIGINT)

        assert house.ended() == 0
        assert time.monotonic() - began < STOPS_WITHIN

    assert processes_of(home) == {}


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (signal.SIGINT, "Starting PostgreSQL"),
        (signal.SIGTERM, "Starting Valkey"),
        (signal.SIGINT, "Bringing the database up to date"),
    ],
)
def test_a_house_that_is_still_starting_stops_too(tmp_path: Path, port: int, how: signal.Signals, words: str) -> None:
    house = House(tmp_path, port, before=IN_THE_BACKGROUND)
    house.wait_for(words)

    began = time.monotonic()
    house.process.send_signal(how)

    assert house.ended() == 130, house.said()
    house.forget()
    assert time.monotonic() - began < STOPS_WITHIN
    assert gone_within(tmp_path, 5)


def test_a_busy_house_stops_all_the_same(home: Path, port: int) -> None:
    live_port = port_after(port)
    with started(home, port, settings={"LIVE_PORT": str(live_port)}) as house, ExitStack() as open_ones:
        person = Person(port)
        person.log_in("mia@nordlicht.example", "Nordlicht-Demo-1")
        for asked in (_stream(live_port, person), _slow_request(port)):
            open_ones.enter_context(asked)
        _begin_long_import(person)

        began = time.monotonic()
        house.process.send_signal(signal.SIGTERM)

        assert house.ended() == 0
        assert time.monotonic() - began < STOPS_WITHIN

    assert processes_of(home) == {}


def _stream(port: int, person: Person) -> socket.socket:
    """Live updates that somebody has open."""
    cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    asked = f"GET /live/nordlicht HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n\r\n"
    connection = _connected(port, asked)
    assert b"200" in connection.recv(100)
    return connection


def _slow_request(port: int) -> socket.socket:
    """Somebody who is still sending."""
    return _connected(port, "POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nemail=")


def _connected(port: int, said: str) -> socket.socket:
    deadline = time.monotonic() + 60
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            connection.sendall(said.encode())
            return connection


def _begin_long_import(person: Person) -> None:
    rows = "".join(f"Regen {number};regen{number}@wetter.example\n" for number in range(20_000))
    new = "/nordlicht/imports/new"
    file = ("list.csv", f"Nachname;E-Mail\n{rows}".encode())
    draft = person.send(new, {"entity": "contact"}, form_on=new, file=file).location
    deadline = time.monotonic() + _READING_SECONDS
    while f"{draft}/start" not in person.insist("GET", draft).body.decode():
        assert time.monotonic() < deadline, "the list was not read"
        time.sleep(0.1)
    person.send(f"{draft}/start", {"column": ["family_name", "email"]}, form_on=draft)


def _postgres(home: Path) -> int:
    return leftovers.postmaster(home / "postgres" / "data")[0]


def _valkey(home: Path) -> int:
    return leftovers.holders_of_valkey(home / "valkey")[0]


def _remember(home: Path, number: int) -> None:
    with psycopg.connect(embedded.database_url(home / "postgres")) as connection:
        connection.execute("CREATE SCHEMA kept")
        connection.execute(f"CREATE TABLE kept.number AS SELECT {number:d} AS n")
    Redis.from_url(embedded.redis_url(home / "valkey")).set("kept", number)


def _remembered(home: Path) -> tuple[object, object]:
    with psycopg.connect(embedded.database_url(home / "postgres")) as connection:
        row = connection.execute("SELECT n FROM kept.number").fetchone()
    kept = Redis.from_url(embedded.redis_url(home / "valkey")).get("kept")
    return row and row[0], kept


def _status(port: int, path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return int(answer.status)


def _status_within(port: int, path: str, *, seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return _status(port, path)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
