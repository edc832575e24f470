"""Counts in windows of time: each window ends, whatever happens in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from redis import Redis

from config.settings import settings
from tenants import counting, memory, own_counts
from tenants.counting import Count

A_MINUTE = timedelta(minutes=1)


def ends_in(name: str) -> int:
    with Redis.from_url(settings().redis_url) as redis:
        return int(redis.ttl(f"kontor:count:{name}"))


def test_a_window_begins_with_the_first_that_is_counted(app: Flask) -> None:
    first, second = counting.count("knocks", within=A_MINUTE), counting.count("knocks", within=A_MINUTE)

    assert first == Count(1, 60)
    assert second.number == 2
    assert 0 < second.seconds_left <= 60


def test_a_window_that_lost_its_end_gets_one(app: Flask) -> None:
    """A key can expire between two commands, or its process die there: nobody shall be refused for ever."""
    counting.count("knocks", within=A_MINUTE)
    with Redis.from_url(settings().redis_url) as redis:
        redis.persist("kontor:count:knocks")

    assert counting.count("knocks", within=A_MINUTE) == Count(2, 60)
    assert 0 < ends_in("knocks") <= 60


def test_what_is_given_back_after_its_window_does_not_stay_for_ever(app: Flask) -> None:
    counting.give_back("knocks", within=A_MINUTE)

    assert 0 < ends_in("knocks") <= 60
    assert counting.count("knocks", within=A_MINUTE) == Count(0, pytest.approx(60, abs=1))


def test_without_redis_the_process_counts_for_itself(app: Flask, silent: None) -> None:
    first, second = counting.count("knocks", within=A_MINUTE), counting.count("knocks", within=A_MINUTE)
    counting.give_back("knocks", within=A_MINUTE)

    assert (first.number, second.number) == (1, 2)
    assert counting.count("knocks", within=A_MINUTE).number == 2
    assert 0 < second.seconds_left <= 60


def test_without_redis_one_of_many_begins_a_wait(app: Flask, silent: None) -> None:
    begun = [counting.begin_wait("knocks", seconds=60) for _ in range(2)]

    assert begun == [True, False]
    assert 0 < counting.wait_left(["knocks", "others"]) <= 60


def test_invented_names_do_not_fill_the_memory(app: Flask, silent: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_counts, "_MOST", 3)

    numbers = [counting.count(name, within=A_MINUTE).number for name in ("a", "b", "c", "d", "a")]

    assert numbers == [1, 1, 1, 1, 1]


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis does not answer, and nothing was counted in its place yet."""
    monkeypatch.setattr(memory, "_client", lambda: Redis(port=1, socket_connect_timeout=0.1))
    monkeypatch.setattr(memory, "_silent_until", 0.0)
    monkeypatch.setattr(counting, "_own", own_counts.OwnCounts())
