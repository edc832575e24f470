"""What processes remember together: never old anywhere, and never needed."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic, sleep
from uuid import UUID

import pytest
from flask import Flask
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from tenants import cache, lanes, memory
from tenants.context import Actor, tenant_scope
from tenants.db import new_id, unit_of_work
from tenants.lanes import Lane
from tests.firms import Firm

A_MINUTE = timedelta(minutes=1)


def asked(firm: Firm, answers: list[str]) -> str:
    with firm.work():
        return cache.remember_together("answer", lambda: answers[-1], for_=A_MINUTE)


def asked_by(firm: Firm, user_id: UUID, answers: list[str]) -> str:
    actor = Actor(user_id=user_id, name="")
    with firm.app.app_context(), tenant_scope(firm.scope, actor=actor), unit_of_work():
        return cache.remember_mine("answer", lambda: answers[-1], for_=A_MINUTE)


def test_an_answer_is_made_anew_once_somebody_has_changed_it_anywhere(acme: Firm, globex: Firm) -> None:
    answers = ["first"]
    assert asked(acme, answers) == "first"
    answers.append("second")
    assert asked(acme, answers) == "first"

    with globex.work():
        cache.forget_together()
    assert asked(acme, answers) == "first"
    with acme.work():
        cache.forget_together()
        # Nothing is saved yet, so what everybody knows still holds.
        assert cache.remember_together("answer", lambda: answers[-1], for_=A_MINUTE) == "first"

    assert asked(acme, answers) == "second"


def test_what_is_kept_for_one_user_is_made_anew_for_this_user_alone(acme: Firm) -> None:
    mia, tom, answers = new_id(), new_id(), ["first"]
    for user_id in (mia, tom):
        assert asked_by(acme, user_id, answers) == "first"
    answers.append("second")

    with acme.work():
        cache.forget_of([mia])

    assert asked_by(acme, mia, answers) == "second"
    assert asked_by(acme, tom, answers) == "first"
    with acme.work():
        cache.forget_together()
    assert asked_by(acme, tom, answers) == "second"


def test_a_change_that_is_not_saved_makes_nobody_forget(acme: Firm) -> None:
    answers = ["first"]
    assert asked(acme, answers) == "first"
    answers.append("second")

    with pytest.raises(ZeroDivisionError), acme.work():
        cache.forget_together()
        raise ZeroDivisionError

    assert asked(acme, answers) == "first"


def test_threads_that_begin_together_share_one_client(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is made and dropped closes the connections that its pipelines still use."""
    made: list[Redis] = []

    def slowly(_url: str, **_options: object) -> Redis:
        sleep(0.05)
        made.append(Redis(host="127.0.0.1", port=1))
        return made[-1]

    monkeypatch.setattr(Redis, "from_url", slowly)
    memory._made.cache_clear()
    try:
        with ThreadPoolExecutor(8) as threads:
            found = set(map(id, threads.map(lambda _: memory._client(), range(8))))
    finally:
        memory._made.cache_clear()
    assert (len(made), found) == (1, {id(made[0])})


def test_a_list_keeps_its_order_its_length_and_to_its_tenant(acme: Firm, globex: Firm) -> None:
    for value in ("a", "b", "c", "a"):
        with acme.work():
            memory.put_first("list of this test", value, most=2)

    with acme.work():
        assert memory.listed("list of this test") == ["a", "c"]
        memory.put_first("list of this test", "d", most=2)
        assert memory.stamps(["of this test"]) == ("0",)
        assert memory.listed("list of this test") == ["d", "a"]
    with acme.work():
        assert memory.listed("list of this test") == ["d", "a"]
    with globex.work():
        assert memory.listed("list of this test") == []


def test_without_redis_every_answer_is_made_anew(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_client", lambda: Redis(port=1, socket_connect_timeout=0.1))
    monkeypatch.setattr(memory, "_silent_until", 0.0)
    answers = ["first"]

    assert asked(acme, answers) == "first"
    answers.append("second")
    assert asked(acme, answers) == "second"


def test_a_redis_that_hangs_is_waited_for_once_and_asked_again_as_soon_as_it_answers(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(memory, "_silent_until", 0.0)
    monkeypatch.setattr(memory, "_PROBE_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.MonkeyPatch.context() as hanging:
        port = silent.getsockname()[1]
        slow = Redis(port=port, socket_timeout=0.2, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))
        hanging.setattr(memory, "_client", lambda: asked.append(0.0) or slow)
        assert [memory.answers([lambda redis: redis.ping()]) for _ in range(100)] == [()] * 100
        assert len(asked) < 20
        with pytest.raises(RedisError):
            lanes.send(Lane.JOBS, memory.is_silent, [["nothing"]])

    deadline = monotonic() + 30
    while memory.is_silent():
        assert monotonic() < deadline
        sleep(0.01)
    assert memory.answers([lambda redis: redis.ping()]) == [True]
