"""A job that kills whichever worker begins it, beside the work of others."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.app.schedule.processes import process, until
from tests.app.schedule.test_jobs import companies, job_rows, put_off, sweep
from tests.firms import Firm

MOST = 5
KILLED_BEFORE = 3
"""Attempts that the story leaves out: each is the start of a process."""

STARTS = MOST - KILLED_BEFORE


def its_lease_ends(firm: Firm) -> bool:
    """As soon as the database has noticed that nobody holds it any more."""
    with firm.work() as session:
        free = "SELECT id FROM jobs WHERE state = 'pending' AND claimed_by IS NOT NULL FOR UPDATE SKIP LOCKED"
        ended = session.execute(text(f"UPDATE jobs SET due_at = due_at - interval '1 hour' WHERE id IN ({free})"))
        return bool(ended.rowcount)


@pytest.mark.timeout(900)
def test_a_job_that_kills_its_worker_is_given_up_while_others_are_done(
    yard: Firm, globex: Firm, tmp_path: Path
) -> None:
    from tests.app.schedule import tasks

    put_off(yard, tasks.kill_the_worker, name="Poison GmbH")
    with yard.work() as session:
        session.execute(text(f"UPDATE jobs SET attempts = {KILLED_BEFORE}"))
    for number in range(STARTS):
        with process("worker", tmp_path / f"log {number}") as worker:
            assert worker.wait(240) == 9
        until(lambda: its_lease_ends(yard))
        until(lambda: sweep(yard) >= 1)
        put_off(globex, tasks.add_company, name="Healthy GmbH")
    with process("worker", tmp_path / "log of the survivor") as survivor:
        until(lambda: companies(globex, "Healthy GmbH") == STARTS)
        until(lambda: job_rows(yard)[0].state == "failed")
        assert survivor.poll() is None

    assert [tuple(row) for row in job_rows(yard)] == [("failed", MOST, "killed")]
    assert companies(yard, "Poison GmbH") == 0
