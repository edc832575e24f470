"""Failures that stay where they are: of one tenant, of one rule, so that all others go on.

The one place that catches whatever happens; each failure stands in the log and is counted by the name of the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from redis import RedisError
from structlog import get_logger

from tenants import lanes

log = get_logger()

_COUNTED = "kontor:isolated"


class Isolated:
    """``with Isolated("kept exports", tenant=...) as one: ...``; afterwards ``one.error`` says what happened, if
    anything did. What ends the process (a signal, a stop) is not held back.
    """

    def __init__(self, work: str, **context: str) -> None:
        self.work = work
        self.context = context
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self.error = error
        log.error("isolated.failed", work=self.work, **self.context, exc_info=error)
        _count(self.work)
        return True


def failures() -> Mapping[str, int]:
    """By the name of the work, how often it failed for somebody since Redis began to count; nothing without Redis."""
    try:
        with lanes.connection() as redis:
            return {name.decode(): int(times) for name, times in redis.hgetall(_COUNTED).items()}
    except RedisError:
        return {}


def _count(work: str) -> None:
    try:
        with lanes.connection() as redis:
            redis.hincrby(_COUNTED, work, 1)
    except RedisError as error:
        log.warning("isolated.not_counted", error=type(error).__name__)
