"""One worker at several lanes."""

from __future__ import annotations

import time

import pytest
from flask import Flask

from tenants import heartbeat, lanes, running
from tenants.lanes import Lane

DONE: list[str] = []


@lanes.door
def note(word: str, seconds: str) -> None:
    DONE.append(word)
    time.sleep(float(seconds))


@pytest.fixture(autouse=True)
def _empty(app: Flask) -> None:
    DONE.clear()
    with lanes.connection() as redis:
        redis.flushdb()


def work_off(*served: Lane) -> None:
    lanes.worker(*served).work(burst=True, logging_level="CRITICAL")


def test_a_full_lane_does_not_keep_a_worker_from_its_other_lanes() -> None:
    lanes.send(Lane.JOBS, note, [["job", "0.05"]] * 20)
    lanes.send(Lane.WEBHOOKS, note, [["webhook", "0.05"]] * 3)

    work_off(Lane.JOBS, Lane.WEBHOOKS)

    last = max(place for place, word in enumerate(DONE) if word == "webhook")
    assert (len(DONE), DONE[0]) == (23, "job")
    assert last < 10


def test_the_lane_of_those_who_had_their_turn_goes_on_more_slowly_and_never_stands_still() -> None:
    lanes.send(Lane.BULK, note, [["again", "0.02"]] * 40)
    lanes.send(Lane.TURNS, note, [["first", "0.02"]] * 40)

    work_off(Lane.TURNS, Lane.BULK)

    while_both_wait = DONE[:30]
    assert 2 <= while_both_wait.count("again") <= 15


def test_a_lane_that_was_empty_for_long_does_not_take_all_the_time_it_left_to_others() -> None:
    worker = lanes.worker(Lane.JOBS, Lane.WEBHOOKS)
    worker._book(Lane.JOBS, 3600)

    worker._book(Lane.WEBHOOKS, 6)

    assert [one.name for one in worker._ordered_queues] == [Lane.JOBS, Lane.WEBHOOKS]


def test_a_worker_that_slept_until_it_counted_as_dead_is_alive_again_with_its_next_sign() -> None:
    worker = lanes.worker()
    worker.register_birth()  # type: ignore[no-untyped-call]
    with lanes.connection() as redis:
        redis.delete(worker.key)
        while_it_sleeps = heartbeat.workers(redis)

        worker.heartbeat()

        assert (while_it_sleeps, heartbeat.workers(redis)) == (0, 1)
        assert [one.name for one in running.workers(redis)] == [worker.name]
        worker.register_death()  # type: ignore[no-untyped-call]
