"""Counts in windows of time: each window ends, whatever happens in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from redis import Redis

from config.settings import settings
from tenants import counting, memory
from tenants.counting import Count

A_MINUTE = timedelta(minutes=1)


def ends_in(name: str) -> int:
    with Redis.from_url(settings().redis_url) as redis:
        return int(redis.ttl(f"kontor:count:{name}"))


def test_a_window_begins_with_the_first_that_is_counted(app: Flask) -> None:
    first, second = counting.count("knocks", within=A_MINUTE), counting.count("knocks", within=A_MINUTE)

    assert first == Count(1, 60)
    assert second is not None
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


def test_without_redis_nobody_can_say(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_client", lambda: Redis(port=1, socket_connect_timeout=0.1))
    monkeypatch.setattr(memory, "_silent_until", 0.0)

    counting.give_back("knocks", within=A_MINUTE)

    assert counting.count("knocks", within=A_MINUTE) is None
