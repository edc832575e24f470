"""A house that runs: it stops as a whole, keeps what it was given, and gets up again."""

import os
import signal
import sys
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from deploy.local import embedded, leftovers
from tests.door.started import (
    IN_THE_BACKGROUND,
    STOPS_WITHIN,
    House,
    gone_within,
    is_free,
    processes_of,
    run,
    started,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux which processes are alive")


def test_ctrl_c_stops_everything_and_the_data_survives(tmp_path: Path, port: int) -> None:
    with started(tmp_path, port) as house:
        _remember(tmp_path, 42)
        assert _status(port, "/readyz") == 200

        assert house.press_ctrl_c() == 0

    assert processes_of(tmp_path) == {}
    assert is_free(port)
    assert "Traceback" not in "".join(house.said)
    with started(tmp_path, port):
        assert _remembered(tmp_path) == (42, b"42")


def test_a_killed_house_leaves_nothing_in_the_way_of_the_next(tmp_path: Path, port: int) -> None:
    with started(tmp_path, port) as house:
        _remember(tmp_path, 7)
        house.kill()

    with started(tmp_path, port):
        assert _remembered(tmp_path) == (7, b"7")

    assert gone_within(tmp_path, 5)


def test_a_second_house_does_not_touch_the_first(tmp_path: Path, port: int) -> None:
    with started(tmp_path, port):
        second = run(home=tmp_path, port=port)

        assert second.returncode == 1
        assert second.stderr == f"Kontor already runs with the data in {tmp_path}.\n"
        assert _status(port, "/readyz") == 200


def test_a_web_server_that_died_is_started_again(tmp_path: Path, port: int) -> None:
    with started(tmp_path, port) as house:
        web = min(pid for pid, command in processes_of(tmp_path).items() if "gunicorn" in command)
        os.kill(web, signal.SIGKILL)

        house.wait_for("web ended with code -9; starting it again in 0.5 s")

        assert _status_within(port, "/readyz", seconds=20) == 200


def test_databases_that_died_are_started_again_and_the_others_live_on(tmp_path: Path, port: int) -> None:
    with started(tmp_path, port) as house:
        _remember(tmp_path, 3)

        for name, pid in (("postgres", _postgres(tmp_path)), ("valkey", _valkey(tmp_path))):
            os.kill(pid, signal.SIGKILL)
            house.wait_for(f"{name} ended with code -9; starting it again in 0.5 s")
            house.wait_for(f"{name} answers again.")

        assert _status_within(port, "/readyz", seconds=60) == 200
        assert _remembered(tmp_path) == (3, b"3")


def test_a_house_in_the_background_of_a_script_ignores_a_hang_up_and_stops_on_ctrl_c(tmp_path: Path, port: int) -> None:
    with started(tmp_path, port, before=(*IN_THE_BACKGROUND, "nohup")) as house:
        house.process.send_signal(signal.SIGHUP)
        time.sleep(1)
        assert _status(port, "/readyz") == 200

        began = time.monotonic()
        house.process.send_signal(signal.SIGINT)

        assert house.ended() == 0
        assert time.monotonic() - began < STOPS_WITHIN

    assert processes_of(tmp_path) == {}


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

    assert house.ended() == 130
    assert time.monotonic() - began < STOPS_WITHIN
    assert gone_within(tmp_path, 5)


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
