"""Work put off while Redis is away, and what whoever can write to Redis cannot make a worker do."""

from __future__ import annotations

import pytest
from redis import Redis
from redis.retry import Retry
from rq import Callback, Queue
from sqlalchemy import select

from tenants import jobs, lanes
from tenants.jobs import Job, JobState
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
