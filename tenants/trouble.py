"""What counts as trouble of a tenant, and what is worse than what. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntFlag

PATIENCE = timedelta(minutes=1)
"""Forwarding takes less than a second; whoever waits for so long waits for something that is broken."""


class Trouble(IntFlag):
    """The graver, the larger: one of a kind weighs more than all lighter ones together."""

    NONE = 0
    FAILED_JOBS = 1
    """Something that somebody asked for was not done."""

    DEAD_DELIVERIES = 2
    """Somebody was not told."""

    ERRORS = 4
    """Requests ended with the status 500."""

    BEHIND = 8
    """The schema stands at another revision than the program."""

    STUCK = 16
    """Changes are not forwarded, or what is due does not happen: nobody there is told anything."""

    NOT_MIGRATED = 32
    """The migration of the schema failed; it will not mend itself."""

    UNREADABLE = 64
    """The schema could not be read: something is missing in it, or somebody holds a lock on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What is known of a tenant."""

    works: bool
    """Whether anything is to happen there at present; in a suspended tenant everything waits."""

    migration_failed: bool
    behind: bool
    due_since: datetime | None
    """When the next thing falls, or fell, due."""

    waiting_since: datetime | None = None
    jobs_failed: int = 0
    deliveries_dead: int = 0
    errors: int = 0


def found(condition: Condition, *, now: datetime) -> Trouble:
    """All but UNREADABLE, of which no condition is known."""
    waits = [at for at in (condition.waiting_since, condition.due_since) if at is not None and now - at > PATIENCE]
    kinds = {
        Trouble.NOT_MIGRATED: condition.migration_failed,
        Trouble.STUCK: condition.works and bool(waits),
        Trouble.BEHIND: condition.behind,
        Trouble.ERRORS: condition.errors > 0,
        Trouble.DEAD_DELIVERIES: condition.deliveries_dead > 0,
        Trouble.FAILED_JOBS: condition.jobs_failed > 0,
    }
    return Trouble(sum(kind for kind, is_there in kinds.items() if is_there))
