"""What all processes know of a tenant for a while, in Redis. Nothing depends on it: without Redis they know nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import cache, partial
from secrets import token_hex
from threading import Event, Lock, Thread
from typing import Any

from redis import ConnectionError, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from structlog import get_logger

from config.settings import settings
from tenants import clock
from tenants.context import current_scope
from tenants.db import after_commit, db, if_undone, when_written

log = get_logger()
Told = Callable[[Redis], object]

WRITTEN = "written"
"""The stamp that is another one after each unit of work of the tenant that has written anything."""

_FADES = timedelta(days=90)
_SILENCE = 5.0
"""Seconds for which nobody asks once Redis did not answer: no request shall wait for it twice. Meanwhile it is asked
beside, and as long as it does not answer they begin anew.
"""

_PROBE_SECONDS = 1.0
_ANSWER_SECONDS = 0.2

_LATER = "told later"
_making = Lock()
_probing = Lock()
_silent_until = 0.0


def stamps(names: Sequence[str]) -> tuple[str, ...] | None:
    """Of each name another one after each ``renew``; None where nobody can say."""
    keys, waiting = [_stamp(name) for name in names], _waiting()
    found = _ask(lambda redis: redis.mget(keys), first=waiting)
    waiting.clear()
    return None if found is None else tuple(_text(value or b"0") for value in found)


def renew(names: Iterable[str]) -> None:
    """Once this unit of work is saved, these stamps are others."""
    for name in names:
        later(partial(_renew, key=_stamp(name)))


def later(tell: Told) -> None:
    """Say something once this unit of work is saved, in one round trip with all that is said then."""
    info = db.session().info
    if _LATER not in info:
        told: list[Told] = []
        info[_LATER] = told
        after_commit(lambda: tell_all(told))
        if_undone(lambda: info.pop(_LATER, None))
    info[_LATER].append(tell)


def put_first(name: str, value: str, *, most: int) -> None:
    """To the front of a list of at most so many; what stands there already moves.

    It goes with the next question of this unit of work, or once that is saved: a page shall not knock twice.
    """
    waiting = _waiting()
    if not waiting:
        after_commit(lambda: tell_all(waiting))
    waiting.append(partial(_put, key=_key(name), value=value, most=most))


def listed(name: str) -> Sequence[str]:
    """From the front."""
    key = _key(name)
    return [_text(value) for value in _ask(lambda redis: redis.lrange(key, 0, -1)) or ()]


def _key(name: str) -> str:
    return f"kontor:memory:{current_scope().tenant_id}:{name}"


def _stamp(name: str) -> str:
    # The version before counts its stamps, under the bare name, and would stumble over one that is no number.
    return _key(f"stamp of {name}")


def _waiting() -> list[Told]:
    """What this unit of work has not told yet."""
    waiting: list[Told] = db.session().info.setdefault("memory", [])
    return waiting


def _renew(redis: Redis, key: str) -> None:
    # Not a number that begins anew where Redis has forgotten it: no stamp ever comes twice.
    redis.set(key, token_hex(8), ex=_FADES)


def _put(redis: Redis, key: str, value: str, most: int) -> None:
    redis.lrem(key, 0, value)
    redis.lpush(key, value)
    redis.ltrim(key, 0, most - 1)
    redis.expire(key, _FADES)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def tell_all(told: Sequence[Told]) -> None:
    """At once. Where nobody answers it is not said."""
    if told:
        _ask(told[-1], first=told[:-1])


def _ask(question: Told, *, first: Sequence[Told] = ()) -> Any:
    """The answer, in one round trip with what is told first; None where nobody answers."""
    found = answers([*first, question])
    return found[-1] if found else None


def answers(told: Sequence[Told]) -> Sequence[Any]:
    """To all of them, in one round trip; none at all where nobody answers."""
    if is_silent():
        return ()
    try:
        return _all_at_once(told)
    except RedisError as error:
        fell_silent(error)
        return ()


def is_silent() -> bool:
    """Whether nobody needs to ask at present."""
    return clock.stopwatch() < _silent_until


def fell_silent(error: RedisError) -> None:
    """Nobody of this process asks for a while, until it answers again."""
    global _silent_until  # noqa: PLW0603  one connection a process is the point
    _silent_until = clock.stopwatch() + _SILENCE
    log.warning("memory.silent", error=type(error).__name__)
    if _probing.acquire(blocking=False):
        Thread(target=_probe, name="redis", daemon=True).start()


def _probe() -> None:
    """Ask beside, once a second, until it answers."""
    global _silent_until  # noqa: PLW0603  one connection a process is the point
    pause = Event()
    while is_silent():
        pause.wait(_PROBE_SECONDS)
        try:
            _client().ping()
        except RedisError:
            _silent_until = clock.stopwatch() + _SILENCE
        else:
            _silent_until = 0.0
    _probing.release()


def _all_at_once(told: Sequence[Told]) -> Sequence[Any]:
    pipeline = _client().pipeline(transaction=False)
    for tell in told:
        tell(pipeline)
    return pipeline.execute()


def _client() -> Redis:
    """One for all threads: a second that is made and dropped at once would close what its question still waits on."""
    with _making:
        return _made()


@cache
def _made() -> Redis:
    """Kept open: no page shall wait for a connection."""
    # Once more where the connection went stale, not where nobody answers in time.
    once_more = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
    return Redis.from_url(
        settings().redis_url,
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
        retry=once_more,
    )


when_written(lambda: renew([WRITTEN]))
