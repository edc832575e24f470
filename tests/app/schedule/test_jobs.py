from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from tests.app.schedule.processes import process, until
from tests.firms import Firm


def put_off(firm: Firm, task: Callable[..., None], **arguments: Any) -> None:
    from tenants import jobs

    with firm.work():
        jobs.later(task, **arguments)


def work_off(firm: Firm) -> None:
    """One worker does everything that Redis tells it, and goes."""
    from tenants import lanes

    with firm.app.app_context():
        lanes.worker().work(burst=True, logging_level="CRITICAL")


def sweep(firm: Firm) -> int:
    from tenants import lost_hints

    with firm.app.app_context():
        return lost_hints.sweep()


def wait(seconds: int) -> None:
    from tenants import clock

    clock.travel_with(lambda: timedelta(seconds=seconds))


def lose_redis() -> None:
    from tenants import lanes

    with lanes.connection() as redis:
        redis.flushdb()


def companies(firm: Firm, name: str) -> int:
    from app.companies.models import Company

    with firm.work() as session:
        return session.scalar(select(func.count()).where(Company.name == name)) or 0


def job_rows(firm: Firm) -> list[Any]:
    from tenants.jobs import Job

    with firm.work() as session:
        return list(session.execute(select(Job.state, Job.attempts, Job.error)))


def marks(firm: Firm) -> int:
    from tenants.db import platform_reading

    with firm.app.app_context(), platform_reading() as session:
        return session.scalar(text("SELECT count(*) FROM platform.outbox WHERE note = 'jobs'")) or 0


def test_what_is_put_off_is_done_soon_after_by_a_worker(yard: Firm) -> None:
    from tests.app.schedule import tasks

    put_off(yard, tasks.add_company, name="Later GmbH")

    work_off(yard)

    assert companies(yard, "Later GmbH") == 1
    assert [state for state, *_ in job_rows(yard)] == ["done"]


def test_what_is_not_saved_is_not_done(yard: Firm) -> None:
    with pytest.raises(ZeroDivisionError):
        _put_off_and_fail(yard)
    work_off(yard)

    assert companies(yard, "Never GmbH") == 0
    assert job_rows(yard) == []


def _put_off_and_fail(firm: Firm) -> None:
    from tenants import jobs
    from tests.app.schedule import tasks

    with firm.work():
        jobs.later(tasks.add_company, name="Never GmbH")
        raise ZeroDivisionError


def test_the_history_says_on_whose_behalf_and_because_of_which_job(yard: Firm) -> None:
    from tenants.changes import Change
    from tenants.jobs import Job
    from tests.app.schedule import tasks

    put_off(yard, tasks.add_company, name="Later GmbH")
    work_off(yard)

    with yard.work() as session:
        job_id = session.scalars(select(Job.id)).one()
        told = session.execute(
            select(Change.actor, Change.source, Change.cause, Change.depth).where(Change.table_name == "companies")
        ).all()
    assert told == [(yard.owner_id, "job", str(job_id), 1)]


def test_each_firm_gets_its_own_work(yard: Firm, globex: Firm) -> None:
    from tests.app.schedule import tasks

    put_off(yard, tasks.add_company, name="Mine GmbH")
    put_off(globex, tasks.add_company, name="Theirs GmbH")
    work_off(yard)

    assert (companies(yard, "Mine GmbH"), companies(globex, "Mine GmbH")) == (1, 0)
    assert (companies(yard, "Theirs GmbH"), companies(globex, "Theirs GmbH")) == (0, 1)


def test_a_hint_that_redis_lost_comes_back(yard: Firm) -> None:
    from tests.app.schedule import tasks

    put_off(yard, tasks.add_company, name="Lost GmbH")
    lose_redis()
    work_off(yard)

    early = sweep(yard)
    wait(seconds=4)
    again = sweep(yard)
    work_off(yard)

    assert (early, again) == (0, 1)
    assert companies(yard, "Lost GmbH") == 1
    assert sweep(yard) == 0
    assert marks(yard) == 0


def test_work_of_a_firm_without_a_mark_is_found_too(yard: Firm) -> None:
    from tenants import lost_hints
    from tenants.db import platform_work
    from tests.app.schedule import tasks

    put_off(yard, tasks.add_company, name="Unmarked GmbH")
    lose_redis()
    wait(seconds=4)
    with yard.app.app_context():
        with platform_work() as session:
            session.execute(text("DELETE FROM platform.outbox"))
        found = lost_hints.sweep_all()
    work_off(yard)

    assert found == 1
    assert companies(yard, "Unmarked GmbH") == 1


def test_hints_that_merely_wait_are_not_sent_again(yard: Firm) -> None:
    from tests.app.schedule import tasks

    for number in range(5):
        put_off(yard, tasks.add_company, name=f"Queued {number}")
    wait(seconds=60)

    assert sweep(yard) == 0
    assert marks(yard) == 1


def test_told_twice_a_job_is_done_once(yard: Firm) -> None:
    from tenants import jobs, lanes
    from tenants.jobs import Job
    from tests.app.schedule import tasks

    put_off(yard, tasks.add_company, name="Twice GmbH")
    with yard.work() as session:
        job_id = session.scalars(select(Job.id)).one()
    with lanes.connection() as redis:
        redis.delete(jobs._lease(yard.scope.tenant_id))
    jobs.hint({yard.scope.tenant_id: job_id})
    work_off(yard)

    assert companies(yard, "Twice GmbH") == 1


def test_a_failing_job_leaves_nothing_behind_and_is_tried_five_times(yard: Firm) -> None:
    from tests.app.schedule import tasks

    put_off(yard, tasks.fail, reason="the harbour is closed")
    work_off(yard)
    first = job_rows(yard)
    tried = 1
    for _ in range(10):
        wait(seconds=60 * 60 * 24 * tried)
        if sweep(yard) == 0:
            break
        work_off(yard)
        tried += 1

    assert first[0][:2] == ("pending", 1)
    assert "the harbour is closed" in first[0][2]
    assert [row[:2] for row in job_rows(yard)] == [("failed", 5)]
    assert companies(yard, "half done") == 0
    assert marks(yard) == 0


def test_a_job_killed_in_the_middle_runs_again_and_counts_once(yard: Firm, tmp_path: Path) -> None:
    from tests.app.schedule import tasks

    sign = tmp_path / "in the middle"
    put_off(yard, tasks.add_company_slowly, name="Survivor GmbH", sign=str(sign))
    with process("worker", tmp_path / "log") as worker:
        until(sign.exists)
        wait(seconds=60)
        busy = sweep(yard)
        worker.kill()
        worker.wait()
    left = companies(yard, "Survivor GmbH")
    until(lambda: sweep(yard) == 1)

    with process("worker", tmp_path / "log of the next"):
        sign.unlink()
        # The lease of the dead one ends for the worker, too, whose clock did not travel.
        until(lambda: sweep(yard) >= 0 and sign.exists())
        sign.unlink()
        until(lambda: companies(yard, "Survivor GmbH"))
    work_off(yard)

    assert busy == 0
    assert left == 0
    assert companies(yard, "Survivor GmbH") == 1
    assert [state for state, *_ in job_rows(yard)] == ["done"]


def test_redis_cannot_make_a_worker_call_anything_else(yard: Firm) -> None:
    from rq import Queue

    from tenants import lanes

    with lanes.connection() as redis:
        planted = Queue(lanes.Lane.JOBS, connection=redis, serializer="json").enqueue("os.getcwd", failure_ttl=60)
        work_off(yard)

        assert planted.get_status(refresh=True) == "failed"
