"""The one protocol of work that may fail: jobs, messages of firms, mails of the platform.

1. Claim it, in a transaction of its own: one attempt more, and a lease until whose end nobody else may have it.
2. Do it, outside that transaction.
3. Settle it: done; or due again after a pause; or dead after the last attempt, until a person retries or discards it.

Who is killed in between leaves a lease that ends. So what kills its worker is given up like what fails.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from structlog import get_logger

log = get_logger()

KILLED = "killed"
"""As an error: whoever had it for the last time never came to settle it."""

_ME = secrets.token_hex(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How often one kind of work is tried, how long it may be held, and what its states are called."""

    waiting: StrEnum
    claimed: StrEnum
    dead: StrEnum
    lease: timedelta
    """Of the first attempt. It doubles with each, so that what kills its worker does so ever more seldom."""

    most: int = 8
    """Attempts."""

    first_pause: timedelta = timedelta(seconds=5)
    longest_pause: timedelta = timedelta(hours=1)

    def leased(self, attempts: int) -> timedelta:
        return min(self.lease * (1 << (attempts - 1)), max(self.lease, self.longest_pause))

    def pause(self, attempts: int) -> timedelta:
        """After so many failures: four times as long each time, not all at once."""
        return min(self.first_pause * (1 << 2 * (attempts - 1)), self.longest_pause) * random.uniform(0.8, 1.2)


class Attempted:
    """A row of work; a table of such rows says its ``policy`` and has a column ``state``."""

    policy: ClassVar[Policy]
    id: Any
    state: Any

    attempts: Mapped[int] = mapped_column(default=0)
    """Begun, not ended: it counts before anything happens."""

    due_at: Mapped[datetime | None]
    """The next attempt; while it is claimed, the end of the lease; None once it is settled, or held back."""

    claimed_by: Mapped[str | None]
    """Which process has it at present."""

    error: Mapped[str | None]
    """Of the last attempt that failed."""

    def claim(self, *, at: datetime) -> bool:
        """Whether there was an attempt left; otherwise it is dead now."""
        if self.attempts >= self.policy.most:
            self.die(KILLED)
            return False
        self.attempts += 1
        self.state, self.claimed_by = self.policy.claimed, _me()
        self.due_at = at + self.policy.leased(self.attempts)
        return True

    def is_mine(self) -> bool:
        """Whether this process has claimed it, and nobody has after it."""
        return self.claimed_by == _me() and self.state == self.policy.claimed

    def finish(self, state: StrEnum) -> None:
        """Nobody has to come back to it."""
        self.state, self.due_at, self.claimed_by, self.error = state, None, None, None

    def fail(self, error: str, *, at: datetime) -> None:
        """It is due again after a pause, or dead after the last attempt."""
        if self.attempts >= self.policy.most:
            self.die(error)
        else:
            self.state, self.claimed_by, self.error = self.policy.waiting, None, error
            self.due_at = at + self.policy.pause(self.attempts)

    def retry(self, *, at: datetime) -> None:
        """A person says: once more from the beginning."""
        self.state, self.attempts, self.due_at, self.claimed_by = self.policy.waiting, 0, at, None

    def put_off(self, error: str, *, until: datetime) -> None:
        """Nothing was tried, and the work is not to blame: the attempt does not count."""
        self.give_back(at=until)
        self.error = error

    def give_back(self, *, at: datetime) -> None:
        """Whoever had it was told to stop: the attempt does not count, and it is due again from then on."""
        self.attempts -= 1
        self.state, self.claimed_by, self.due_at = self.policy.waiting, None, at

    def hold(self, *, until: datetime) -> None:
        """What was claimed is held for at least so long."""
        self.due_at = max(self.due_at or until, until)

    def die(self, error: str) -> None:
        """Given up: only a person brings it back."""
        self.state, self.due_at, self.claimed_by, self.error = self.policy.dead, None, None, error
        log.warning("attempts.dead", work=type(self).__name__, id=str(self.id), error=error[-200:])


Work = TypeVar("Work", bound=Attempted)


def claim(session: Session, work: type[Work], *which: ColumnElement[bool], most: int, at: datetime) -> Sequence[Work]:
    """What is due of these, for whoever settles each before its lease ends. To be committed before anything is done.
    Where a lease ended that nobody settled it comes again; what has no attempt left is dead.
    """
    return [row for row in due(session, work, *which, most=most, at=at) if row.claim(at=at)]


def due(session: Session, work: type[Work], *which: ColumnElement[bool], most: int, at: datetime) -> Sequence[Work]:
    """What nobody else has, longest first, locked to be claimed in this transaction."""
    query = select(work).where(work.due_at <= at, *which).order_by(work.due_at, work.id).limit(most)
    return session.scalars(query.with_for_update(skip_locked=True)).all()


def renew(session: Session, work: type[Attempted], work_id: UUID, *, at: datetime) -> bool:
    """Whether it is still ours when its turn comes; the lease then begins anew."""
    row = mine(session, work, work_id)
    if row is None:
        return False
    row.due_at = at + row.policy.leased(row.attempts)
    return True


def mine(session: Session, work: type[Work], work_id: UUID) -> Work | None:
    """The row, locked, to be settled; None where its lease ended and somebody else has claimed it."""
    row = session.get(work, work_id, with_for_update=True)
    return row if row is not None and row.is_mine() else None


def _me() -> str:
    # A worker may be a fork.
    return f"{_ME}-{os.getpid()}"
