"""Rows that nobody entered go after a while, in batches; what waits stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.escalation import upkeep
from app.escalation.models import SetAside
from billing import ledger
from billing.models import UsageSource
from tenants import clock, retention
from tenants.db import new_id, platform_work
from tenants.jobs import Job, JobState
from tests.firms import Firm


def later(firm: Firm, days: int, do: object) -> None:
    clock.travel_with(lambda: timedelta(days=days))
    try:
        with firm.app.app_context():
            do()  # type: ignore[operator]
    finally:
        clock.travel_with(timedelta)


def jobs(firm: Firm) -> list[str]:
    with firm.work() as session:
        return sorted(session.scalars(select(Job.state)))


@pytest.mark.parametrize(
    ("days", "left"), [(6, ["done", "failed", "pending"]), (8, ["failed", "pending"]), (91, ["pending"])]
)
def test_a_job_that_is_done_goes_after_a_week_and_one_that_was_given_up_after_a_quarter(
    acme: Firm, monkeypatch: pytest.MonkeyPatch, days: int, left: list[str]
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    with acme.work() as session:
        session.execute(text("DELETE FROM jobs"))
        states = [*[JobState.DONE] * 5, JobState.FAILED, JobState.PENDING]
        session.add_all(Job(name="a", arguments={}, actor=None, state=one) for one in states)

    later(acme, days, retention.forget_jobs_everywhere)

    assert sorted(set(jobs(acme))) == left


def test_a_change_that_was_set_aside_goes_after_a_quarter(acme: Firm) -> None:
    with acme.work() as session:
        session.add(SetAside(change_id=new_id(), rule="a", error=""))

    later(acme, 89, upkeep.forget_set_aside_everywhere)
    with acme.work() as session:
        kept = len(session.scalars(select(SetAside.id)).all())
    later(acme, 91, upkeep.forget_set_aside_everywhere)
    with acme.work() as session:
        left = len(session.scalars(select(SetAside.id)).all())

    assert (kept, left) == (1, 0)


def test_a_process_that_counted_traffic_is_forgotten_after_its_figures_were_added_up(acme: Firm) -> None:
    now, ids = clock.now(), [new_id(), new_id()]
    with acme.app.app_context(), platform_work() as session:
        session.add_all(
            [
                UsageSource(id=ids[0], seen_at=now, ended_at=now, folded_at=now),
                UsageSource(id=ids[1], seen_at=now, ended_at=now, folded_at=None),
            ]
        )

    later(acme, 31, ledger.forget_sources)

    with acme.app.app_context(), platform_work() as session:
        assert set(session.scalars(select(UsageSource.id).where(UsageSource.id.in_(ids)))) == {ids[1]}
