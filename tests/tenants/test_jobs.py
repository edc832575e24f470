"""Work put off while Redis is away, and what whoever can write to Redis cannot make a worker do."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import current_app
from redis import Redis
from redis.retry import Retry
from rq import Callback, Queue
from sqlalchemy import select

from config.settings import settings
from tenants import jobs, lanes
from tenants.jobs import Job, JobState, TooManyJobs
from tenants.lanes import AllowedJob
from tests.firms import Firm
from tests.tenants.attacks import inside

DONE: list[str] = []


@jobs.job
def note(*, word: str) -> None:
    DONE.append(word)


def gossip(*_arguments: object) -> None:
    """What an attacker's callback would call."""
    DONE.append("gossip")


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    DONE.clear()


def waiting(firm: Firm) -> list[Job]:
    with inside(firm) as session:
        return list(session.scalars(select(Job)))


def test_without_redis_a_request_succeeds_and_its_job_waits(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from redis.backoff import NoBackoff

    away = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(lanes, "connection", lambda: away)

    with acme.work():
        jobs.later(note, word="kept")
    (row,) = waiting(acme)

    assert (row.state, row.attempts, row.actor) == (JobState.PENDING, 0, acme.owner_id)
    with acme.app.app_context():
        jobs.perform(str(acme.scope.tenant_id), str(row.id))
    assert DONE == ["kept"]


def test_a_job_of_one_firm_is_not_found_in_another(acme: Firm, globex: Firm) -> None:
    with acme.work():
        jobs.later(note, word="acme's")
    (row,) = waiting(acme)

    with acme.app.app_context():
        jobs.perform(str(globex.scope.tenant_id), str(row.id))

    assert DONE == []
    assert [job.state for job in waiting(acme)] == [JobState.PENDING]


def test_a_callback_named_in_redis_is_not_called(acme: Firm) -> None:
    with acme.work():
        jobs.later(note, word="done")
    (row,) = waiting(acme)
    with lanes.connection() as redis, acme.app.app_context():
        redis.flushdb()
        planted = Queue(lanes.Lane.JOBS, connection=redis, serializer="json").enqueue(
            "tenants.jobs.perform",
            args=[str(acme.scope.tenant_id), str(row.id)],
            on_success=Callback("tests.tenants.test_jobs.gossip"),
            on_failure=Callback("tests.tenants.test_jobs.gossip"),
            on_stopped=Callback("tests.tenants.test_jobs.gossip"),
        )
        lanes.worker().work(burst=True, logging_level="CRITICAL")
        found = AllowedJob.fetch(planted.id, connection=redis, serializer="json")

    assert DONE == ["done"]
    assert (found.success_callback, found.failure_callback, found.stopped_callback) == (None, None, None)


def test_a_method_of_an_object_is_not_called(acme: Firm) -> None:
    job = AllowedJob.create("tenants.jobs.perform", connection=lanes.connection())
    job._instance = []

    with pytest.raises(PermissionError):
        _ = job.func


def work_off(firm: Firm) -> None:
    with firm.app.app_context():
        lanes.worker().work(burst=True, logging_level="CRITICAL")


@pytest.fixture
def _empty_lanes(acme: Firm) -> None:
    with lanes.connection() as redis:
        redis.flushdb()


@pytest.mark.usefixtures("_empty_lanes")
def test_a_firm_with_many_jobs_and_one_with_a_few_go_round(acme: Firm, globex: Firm) -> None:
    with acme.work():
        for number in range(195):
            jobs.later(note, word=f"export {number}")
    with globex.work():
        jobs.later(note, word="list read")
        jobs.later(note, word="rows imported")

    work_off(acme)

    assert len(DONE) == 197
    assert DONE.index("list read") <= 2
    assert DONE.index("rows imported") <= 4
    assert [word for word in DONE if word.startswith("export")] == [f"export {number}" for number in range(195)]


@pytest.mark.usefixtures("_empty_lanes")
def test_while_a_job_of_a_firm_runs_its_next_one_waits_and_follows_then(acme: Firm) -> None:
    with acme.work():
        jobs.later(note_while_another_worker_looks, tenant=str(acme.scope.tenant_id))
        jobs.later(note, word="second")

    work_off(acme)

    assert DONE == ["another worker found nothing to do", "first", "second"]


@jobs.job
def note_while_another_worker_looks(*, tenant: str) -> None:
    with current_app.app_context():
        jobs.perform(tenant, "")
    DONE.append("second came too early" if DONE else "another worker found nothing to do")
    DONE.append("first")


@pytest.mark.usefixtures("_empty_lanes")
def test_two_workers_that_ask_at_the_same_moment_do_not_both_get_a_job_of_a_firm(acme: Firm) -> None:
    with acme.work():
        jobs.later(note, word="first")
        jobs.later(note, word="second")

    with inside(acme) as one:
        claimed = jobs._claim(one)
        with ThreadPoolExecutor(1) as other:
            other.submit(perform_for, acme).result(timeout=60)
        done_meanwhile = list(DONE)

    assert claimed is not None
    assert done_meanwhile == []


def perform_for(firm: Firm) -> None:
    with firm.app.app_context():
        jobs.perform(str(firm.scope.tenant_id), "")


@pytest.mark.usefixtures("_empty_lanes")
def test_what_people_ask_for_is_refused_where_too_much_waits_and_what_follows_from_work_is_not(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = dataclasses.replace(settings(), jobs_waiting=3)
    monkeypatch.setattr(jobs, "settings", lambda: few)
    with acme.work():
        for number in range(3):
            jobs.later_if_room(note, word=f"asked for {number}")

    with pytest.raises(TooManyJobs), acme.work():
        jobs.later_if_room(note, word="too much")
    with acme.work():
        jobs.later(note, word="follows")
    work_off(acme)

    assert DONE == ["asked for 0", "asked for 1", "asked for 2", "follows"]
