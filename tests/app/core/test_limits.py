"""How often a form may be sent: many at once are no way around, and who is let off is not counted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from threading import Barrier

import flask
import pytest
from flask import Flask, Response
from redis import Redis

from app.core import errors, limits
from tenants import counting, memory

MOST, THREADS = 3, 8


def _was_wrong(response: Response) -> bool:
    return response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.fixture
def door(app: Flask) -> Flask:
    """A small application with two limited forms: one that counts all, one that counts what was wrong."""
    small = Flask("small")

    @small.errorhandler(counting.TooOften)
    def refused(refusal: counting.TooOften) -> tuple[str, int]:
        return str(refusal), errors.status_of(refusal)

    @small.route("/all", methods=["GET", "POST"])
    @limits.limit(MOST, within=timedelta(hours=1))
    def all_count() -> str:
        return "done"

    @small.post("/wrong")
    @limits.limit(MOST, within=timedelta(minutes=1), counts=_was_wrong)
    def wrong_ones_count() -> tuple[str, int]:
        if "crash" in flask.request.args:
            raise ValueError
        return "", HTTPStatus.UNPROCESSABLE_ENTITY if "wrong" in flask.request.args else HTTPStatus.OK

    return small


def statuses(door: Flask, path: str, times: int) -> list[int]:
    return [door.test_client().post(path).status_code for _ in range(times)]


def test_the_next_one_is_told_how_long_to_wait_and_reading_is_free(door: Flask) -> None:
    assert statuses(door, "/all", MOST) == [HTTPStatus.OK] * MOST

    refused, read = door.test_client().post("/all"), door.test_client().get("/all")

    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert refused.text == "That was too often. Please wait 60 min and try again."
    assert read.status_code == HTTPStatus.OK


def test_places_are_counted_apart(door: Flask) -> None:
    statuses(door, "/all", MOST)

    elsewhere = door.test_client().post("/all", environ_base={"REMOTE_ADDR": "192.0.2.7"})

    assert elsewhere.status_code == HTTPStatus.OK


def test_many_at_once_are_no_way_around(door: Flask) -> None:
    together = Barrier(THREADS)

    def knock(_number: int) -> int:
        together.wait()
        return door.test_client().post("/all").status_code

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(knock, range(THREADS)))

    assert answers.count(HTTPStatus.OK) == MOST


def test_what_does_not_count_is_given_back_also_after_a_crash(door: Flask) -> None:
    assert statuses(door, "/wrong", 2 * MOST) == [HTTPStatus.OK] * 2 * MOST
    assert statuses(door, "/wrong?crash", 2 * MOST) == [HTTPStatus.INTERNAL_SERVER_ERROR] * 2 * MOST

    tries = statuses(door, "/wrong?wrong", MOST + 1)

    assert tries == [HTTPStatus.UNPROCESSABLE_ENTITY] * MOST + [HTTPStatus.TOO_MANY_REQUESTS]
    assert statuses(door, "/wrong", 1) == [HTTPStatus.TOO_MANY_REQUESTS]


def test_an_ipv6_network_is_one_place(door: Flask) -> None:
    """Whoever has one address there has 18 trillion of them."""
    tries = [
        door.test_client().post("/all", environ_base={"REMOTE_ADDR": f"2001:db8:1:2::{number:x}"}).status_code
        for number in range(MOST + 1)
    ]
    next_door = door.test_client().post("/all", environ_base={"REMOTE_ADDR": "2001:db8:1:3::1"})

    assert tries == [HTTPStatus.OK] * MOST + [HTTPStatus.TOO_MANY_REQUESTS]
    assert next_door.status_code == HTTPStatus.OK


def test_while_redis_is_silent_each_process_counts_for_itself(door: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_client", lambda: Redis(port=1, socket_connect_timeout=0.1))
    monkeypatch.setattr(memory, "_silent_until", 0.0)

    assert statuses(door, "/all", MOST + 1) == [HTTPStatus.OK] * MOST + [HTTPStatus.TOO_MANY_REQUESTS]
