"""What counts as trouble, and what is worse than what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenants.trouble import Condition, Trouble, found

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def condition(**said: Any) -> Condition:
    fine = {
        "works": True,
        "migration_failed": False,
        "behind": False,
        "waiting_since": None,
        "due_since": None,
        "jobs_failed": 0,
        "deliveries_dead": 0,
        "errors": 0,
    }
    return Condition(**{**fine, **said})


def test_where_nothing_is_wrong_there_is_no_trouble() -> None:
    assert found(condition(), now=NOW) is Trouble.NONE


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"jobs_failed": 3}, Trouble.FAILED_JOBS),
        ({"deliveries_dead": 1}, Trouble.DEAD_DELIVERIES),
        ({"errors": 1}, Trouble.ERRORS),
        ({"behind": True}, Trouble.BEHIND),
        ({"waiting_since": NOW - timedelta(minutes=2)}, Trouble.STUCK),
        ({"due_since": NOW - timedelta(minutes=2)}, Trouble.STUCK),
        ({"migration_failed": True}, Trouble.NOT_MIGRATED),
    ],
)
def test_each_kind_is_found(said: dict[str, Any], kind: Trouble) -> None:
    assert found(condition(**said), now=NOW) is kind


def test_one_grave_thing_weighs_more_than_everything_lighter_together() -> None:
    migration = found(condition(migration_failed=True), now=NOW)
    rest = found(
        condition(jobs_failed=99, deliveries_dead=99, errors=99, behind=True, waiting_since=NOW - timedelta(days=1)),
        now=NOW,
    )

    assert migration > rest
    assert sorted(Trouble) == [
        Trouble.FAILED_JOBS,
        Trouble.DEAD_DELIVERIES,
        Trouble.ERRORS,
        Trouble.BEHIND,
        Trouble.STUCK,
        Trouble.NOT_MIGRATED,
        Trouble.UNREADABLE,
    ]


@pytest.mark.parametrize(
    "said", [{"waiting_since": NOW - timedelta(seconds=30)}, {"due_since": NOW + timedelta(hours=1)}]
)
def test_what_waits_for_a_moment_or_is_yet_to_come_is_no_trouble(said: dict[str, Any]) -> None:
    assert found(condition(**said), now=NOW) is Trouble.NONE


def test_in_a_suspended_tenant_everything_waits_as_it_should() -> None:
    waits = condition(works=False, waiting_since=NOW - timedelta(days=9), due_since=NOW - timedelta(days=9))

    assert found(waits, now=NOW) is Trouble.NONE
