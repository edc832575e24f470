"""Lanes: the queues that all tenants share, and the workers that stand at them.

A lane carries hints only, each of which opens one of our own doors; PostgreSQL holds every fact.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator, Sequence, Set
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from threading import Timer
from types import FrameType
from typing import Any

from redis import ConnectionError, Redis, RedisError, TimeoutError
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.job import Job as RqJob
from structlog import get_logger

from config.settings import settings
from tenants import clock, memory

log = get_logger()

TIME_LIMIT = timedelta(minutes=5)
_LEAVING = timedelta(seconds=5)
"""So long a worker whose time is over may take to leave its job tidily."""


class Lane(StrEnum):
    TURNS = "turns"
    """A tenant has something to forward: over in milliseconds."""

    JOBS = "jobs"
    WEBHOOKS = "webhooks"
    """A tenant has something to tell strangers, who may be slow."""

    BULK = "bulk"
    """A tenant has had its turn and has more: whoever has less goes first."""

    WEBHOOKS_AGAIN = "webhooks-again"
    """The same among those who tell strangers; there, too, waits who has just been given no answer."""

    MAILS = "mails"
    """A tenant has mails to send; their server may be slow, and nobody else shall wait for it."""

    MAILS_AGAIN = "mails-again"
    """A tenant has sent some and has more."""


_AGAIN = {Lane.BULK, Lane.WEBHOOKS_AGAIN}
_AGAIN_COSTS = 4
"""Time of those who had their turn counts so many times: those who wait for their first go before them."""

_HINT_SECONDS = 1.0

_AHEAD = timedelta(seconds=5)

_doors: dict[str, Callable[..., Any]] = {}


def door(function: Callable[..., Any]) -> Callable[..., Any]:
    """What a hint may open. Its name is sent, so workers of two versions must know it while one replaces the other."""
    _doors[_name(function)] = function
    return function


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__name__}"


def send(lane: Lane, function: Callable[..., Any], arguments: Sequence[Sequence[str]]) -> None:
    """One hint for each list of arguments, in one message.

    Raises RedisError.
    """
    limit = int(TIME_LIMIT.total_seconds())
    hints = [
        Queue.prepare_data(_name(function), args=list(given), result_ttl=0, failure_ttl=3600, timeout=limit)
        for given in arguments
    ]
    if hints:
        with _at_hand() as redis:
            queue(lane, redis=redis).enqueue_many(hints)


class RedisSilent(RedisError):
    """This process has just waited for it in vain (tenants/memory.py); hints come back with the next sweep."""


@contextmanager
def _at_hand() -> Iterator[Redis]:
    """For whoever has a page to answer.

    Raises RedisError, without waiting where this process has just waited in vain.
    """
    if memory.is_silent():
        raise RedisSilent
    try:
        with _connection(_HINT_SECONDS) as redis:
            yield redis
    except TimeoutError as error:
        memory.fell_silent(error)
        raise


def take_leases(names: Collection[str], *, milliseconds: int) -> Set[str]:
    """Those of the names that nobody has taken: hints of them are on no queue. A lease ends by itself, for its hint
    may be lost.

    Raises RedisError.
    """
    with _at_hand() as redis, redis.pipeline(transaction=False) as asked:
        for name in names:
            asked.set(name, 1, nx=True, px=milliseconds)
        return {name for name, is_new in zip(names, asked.execute(), strict=True) if is_new}


def give_back(lease: str) -> None:
    """From now on the next hint is sent; without Redis, when the lease ends."""
    try:
        with _at_hand() as redis:
            redis.delete(lease)
    except RedisError as error:
        log.warning("lanes.not_given_back", error=type(error).__name__)


def queue(lane: Lane, *, redis: Redis | None = None) -> Queue:
    return Queue(lane, connection=redis or connection(), job_class=AllowedJob, serializer="json")


def connection() -> Redis:
    return _connection(30)


def _connection(seconds: float) -> Redis:
    # One more try is enough for a connection that went stale; whoever wants longer comes back by itself.
    once_more = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
    connecting = min(seconds, 3)
    return Redis.from_url(
        settings().redis_url, socket_timeout=seconds, socket_connect_timeout=connecting, retry=once_more
    )


class AllowedJob(RqJob):
    """Whoever can write to Redis may name functions, callbacks too; only our own doors open."""

    success_callback = failure_callback = stopped_callback = None

    @property
    def func(self) -> Callable[..., Any]:
        found = _doors.get(str(self.func_name))
        if found is None or self.instance is not None:
            raise PermissionError(f"The job function {self.func_name!r} is not allowed.")
        return found


class Stopped(KeyboardInterrupt):
    """This worker leaves what it is doing, which is not to blame. As KeyboardInterrupt, which psycopg and SQLAlchemy
    answer by calling off what they asked the database for.
    """


class PromptWorker(SimpleWorker):
    """Serves its lanes by the time that each has had, so that none starves another; ties go to the one named first.

    Told to stop, it finishes its job; if that takes too long, or it is told again, it leaves it for another worker.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._spent = dict.fromkeys((one.name for one in self.queues), 0.0)

    def execute_job(self, job: RqJob, queue: Queue) -> None:
        began = clock.stopwatch()
        try:
            super().execute_job(job, queue)
        finally:
            self._book(queue.name, clock.stopwatch() - began)

    def _book(self, lane: str, seconds: float) -> None:
        """A lane that was empty for long is ahead of the others by a bounded time only."""
        floor = max(self._spent.values()) - _AHEAD.total_seconds()
        self._spent = {name: max(spent, floor) for name, spent in self._spent.items()}
        self._spent[lane] += seconds * (_AGAIN_COSTS if lane in _AGAIN else 1)
        self._ordered_queues = sorted(self.queues, key=lambda one: self._spent[one.name])

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """One that was paused for so long that it counted as dead is among the living again with its next sign."""
        if pipeline is None and not self.connection.exists(self.key):
            self.register_birth()  # type: ignore[no-untyped-call]
        super().heartbeat(timeout, pipeline)

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        # This thread itself, so that it wakes up from whatever it waits for.
        seconds, me = settings().worker_stop_seconds, threading.get_ident()
        _after(seconds, signal.pthread_kill, me, signal.SIGTERM)
        _after(seconds + _LEAVING.total_seconds(), os._exit, 0)

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        """Raises Stopped in the midst of whatever is being done, unless it was told to stop just now."""
        try:
            super().request_force_stop(signum, frame)
        except SystemExit:
            raise Stopped from None


def _after(seconds: float, do: Callable[..., object], *arguments: object) -> None:
    timer = Timer(seconds, do, arguments)
    timer.daemon = True
    timer.start()


def worker(*lanes: Lane) -> PromptWorker:
    """Of these lanes; without any named, of all."""
    options: dict[str, Any] = {"connection": connection(), "job_class": AllowedJob, "serializer": "json"}
    # It gives a sign of life when it stops waiting for work, so it waits for seconds only (tenants/heartbeat.py).
    return PromptWorker(list(lanes or Lane), worker_ttl=30, **options)


def count(outcome: str) -> None:
    """How work ended, for operators alone: without Redis a number is missing, and no job."""
    try:
        connection().hincrby(OUTCOMES, outcome, 1)
    except RedisError as error:
        log.warning("lanes.not_counted", error=type(error).__name__)


OUTCOMES = "kontor:jobs"
"""Where Redis counts how jobs ended: done, failed."""
