from __future__ import annotations

import signal
import subprocess
import time
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from sqlalchemy import text

from deploy.local import children
from tests.app.schedule.processes import process, until
from tests.firms import Firm

SOON = timedelta(seconds=0.1)


class AlwaysLeading:
    def holds(self) -> bool:
        return True


class _Following:
    """A schedule that runs beside the test."""

    def __init__(self, firm: Firm, *entries: Any) -> None:
        from app import schedule

        self.stop = Event()
        options: dict[str, Any] = {"stop": self.stop, "lead": AlwaysLeading()}
        self.thread = Thread(target=schedule.follow, args=(firm.app, entries), kwargs=options)

    def __enter__(self) -> _Following:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop.set()
        self.thread.join()


def test_what_fails_or_takes_long_holds_up_nothing_else(yard: Firm) -> None:
    from app.schedule import Entry

    failed, counted, go_on = [], [], Event()

    def fail() -> None:
        failed.append(1)
        raise ValueError("as expected")

    with _Following(
        yard,
        Entry(name="failing", every=SOON, do=fail),
        Entry(name="slow", every=SOON, do=lambda: go_on.wait(10)),
        Entry(name="counting", every=SOON, do=lambda: counted.append(1)),
    ):
        until(lambda: len(counted) > 2 and len(failed) > 2)
        go_on.set()


def test_one_entry_never_runs_twice_at_once(yard: Firm) -> None:
    from app.schedule import Entry

    inside, most = [], []

    def work() -> None:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.6)
        inside.pop()

    with _Following(yard, Entry(name="slow", every=SOON, do=work)):
        until(lambda: len(most) > 1)

    assert set(most) == {1}


def test_mails_are_kept_schemas_made_ready_and_lost_hints_found(yard: Firm, tmp_path: Path) -> None:
    from tenants import engines, jobs, lanes, mail
    from tenants.db import platform_work
    from tests.app.schedule import tasks

    with yard.app.app_context(), platform_work() as session:
        mail.post(session, to="nele@newcomer.example", subject="On its way", body="")
    with yard.work():
        jobs.later(tasks.add_company, name="Found GmbH")
    with lanes.connection() as redis, engines.provisioner() as sql:
        redis.flushdb()

        with process("scheduler", tmp_path / "log"):
            until(lambda: sql.execute("SELECT 1 FROM platform.mails WHERE state = 'kept'").fetchone())
            until(lambda: redis.llen("rq:queue:jobs"))
            stock = "SELECT count(*) FROM platform.tenants WHERE status = 'stock'"
            until(lambda: sql.execute(stock).fetchone() == (2,))


def test_a_second_scheduler_waits_and_takes_over(yard: Firm, tmp_path: Path) -> None:
    first_log, second_log = tmp_path / "first", tmp_path / "second"
    with process("scheduler", first_log) as first:
        until(lambda: "schedule.leading" in first_log.read_text())
        with process("scheduler", second_log) as second:
            until(lambda: "schedule.waiting" in second_log.read_text())
            first.kill()
            until(lambda: "schedule.leading" in second_log.read_text())
            _end(second)

    assert second.returncode == 0


def test_a_waiting_scheduler_and_an_idle_worker_end_when_told(yard: Firm, tmp_path: Path) -> None:
    from tenants import lanes

    first, second = tmp_path / "leading", tmp_path / "waiting"
    with lanes.connection() as redis, process("scheduler", first):
        until(lambda: "schedule.leading" in first.read_text())
        with process("scheduler", second) as waiting, process("worker", tmp_path / "worker") as worker:
            until(lambda: "schedule.waiting" in second.read_text())
            until(lambda: [redis.hget(key, "state") for key in redis.smembers("rq:workers")] == [b"idle"])
            _end(worker)
            _end(waiting)

    assert (worker.returncode, waiting.returncode) == (0, 0)


def test_a_worker_that_is_told_to_stop_finishes_its_job(yard: Firm, tmp_path: Path) -> None:
    from tests.app.schedule import tasks
    from tests.app.schedule.test_jobs import companies, put_off

    sign = tmp_path / "in the middle"
    put_off(yard, tasks.add_company_slowly, name="Finished GmbH", sign=str(sign))
    with process("worker", tmp_path / "log") as worker:
        until(sign.exists)
        worker.send_signal(signal.SIGTERM)
        sign.unlink()
        worker.wait(10)

    assert companies(yard, "Finished GmbH") == 1


def test_a_job_that_takes_too_long_to_wait_for_is_left_for_another_worker_and_loses_no_attempt(
    yard: Firm, tmp_path: Path
) -> None:
    from tests.app.schedule import tasks
    from tests.app.schedule.test_jobs import companies, job_rows, put_off

    sign = tmp_path / "in the middle"
    put_off(yard, tasks.add_company_slowly, name="Endless GmbH", sign=str(sign))
    _tried_before(yard, times=_MOST - 1)
    for number in range(2):
        with process("worker", tmp_path / f"log {number}", first=_IMPATIENT) as worker:
            until(sign.exists)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(60) == 0
        sign.unlink()
        assert [row[:2] for row in job_rows(yard)] == [("pending", _MOST - 1)]
        assert companies(yard, "Endless GmbH") == 0

    with process("worker", tmp_path / "log of the last"):
        until(sign.exists)
        sign.unlink()
        until(lambda: job_rows(yard)[0].state == "done")

    assert companies(yard, "Endless GmbH") == 1


def test_a_job_whose_worker_is_killed_while_it_stops_loses_its_attempt(yard: Firm, tmp_path: Path) -> None:
    from tests.app.schedule import tasks
    from tests.app.schedule.test_jobs import job_rows, put_off

    sign = tmp_path / "in the middle"
    put_off(yard, tasks.add_company_slowly, name="Endless GmbH", sign=str(sign))
    with process("worker", tmp_path / "log") as worker:
        until(sign.exists)
        worker.send_signal(signal.SIGTERM)
        worker.kill()
        worker.wait(30)

    assert [row[:2] for row in job_rows(yard)] == [("pending", 1)]


_MOST = 5
"""Attempts that a job has."""

_IMPATIENT = "import os; os.environ['WORKER_STOP_SECONDS'] = '2'"


def _tried_before(firm: Firm, *, times: int) -> None:
    with firm.work() as session:
        session.execute(text(f"UPDATE jobs SET attempts = {times}"))


def _end(child: subprocess.Popen[bytes]) -> None:
    """Before the house would lose its patience."""
    child.send_signal(signal.SIGTERM)
    child.wait(children.STOP_SECONDS)
