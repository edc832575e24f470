"""Whether the parts that everything stands on answer. Why one does not stands in the log."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextvars import copy_context
from functools import cache
from threading import Lock, Thread

from redis import Redis, RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from config.settings import settings
from tenants import clock, migrations
from tenants.db import platform_reading
from tenants.errors import Unavailable

log = get_logger()

PATIENCE = 0.9
"""Seconds for all parts together: whoever asks wants to know within one."""

NEEDED = frozenset({"database", "migrations"})
"""Without one of them no page works; without another something is missing from pages."""

DEGRADED = {"redis": ("live updates", "limits count in each process alone", "jobs and mails begin later")}
"""What is missing without a part that pages can do without."""

_REVISION = text(
    "SELECT version_num AS revision, obj_description(tableoid, 'pg_class') AS remark FROM platform.alembic_version"
)
_REMARK = re.compile(r"not before (\d{4})")


class SchemaTooOld(Unavailable):
    """The database stands at an older version than this program; start "kontor migrate" first."""

    code = "schema_too_old"


def parts() -> Mapping[str, bool]:
    """Each part by name, and whether it works; one that does not say so in time does not."""
    until = clock.stopwatch() + PATIENCE
    asked = {name: _checks(name).begin() for name in _CHECKS}
    return {name: _answer(name, found, seconds=until - clock.stopwatch()) for name, found in asked.items()}


def _answer(name: str, found: Future[bool], *, seconds: float) -> bool:
    try:
        return found.result(timeout=max(seconds, 0.01))
    except (SQLAlchemyError, RedisError, TimeoutError) as error:
        log.warning("not_ready", part=name, error=type(error).__name__)
        return False


class _Check:
    """One question, on a thread of its own: asked again before it is answered, it is the same one."""

    def __init__(self, question: Callable[[], bool]) -> None:
        self._question = question
        self._lock = Lock()
        self._asked: Future[bool] | None = None

    def begin(self) -> Future[bool]:
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = Future()
                # The thread asks the databases of whoever asks us.
                asking = copy_context()
                Thread(target=asking.run, args=(self._ask, self._asked), name="health", daemon=True).start()
            return self._asked

    def _ask(self, asked: Future[bool]) -> None:
        try:
            asked.set_result(self._question())
        except (SQLAlchemyError, RedisError) as error:
            asked.set_exception(error)
        except BaseException as error:
            asked.set_exception(error)
            raise


def refuse_old_schema() -> None:
    """For a process that is about to begin. A database that is away is no reason not to.

    Raises SchemaTooOld.
    """
    try:
        revision, _ = _revision()
    except SQLAlchemyError as error:
        log.warning("schema.not_known", error=type(error).__name__)
        return
    if revision < migrations.head(migrations.PLATFORM_TREE):
        raise SchemaTooOld


def _database() -> bool:
    with platform_reading() as session:
        return bool(session.scalar(text("SELECT 1")))


def _migrations() -> bool:
    """A schema that is newer than this program fits it, as all do that a running program survives. One that does not
    says so: ``COMMENT ON TABLE platform.alembic_version IS 'not before 0123'``, where 0123 is the first that fits.
    """
    known = migrations.head(migrations.PLATFORM_TREE)
    revision, remark = _revision()
    bound = _REMARK.search(remark or "")
    return revision >= known and (bound is None or known >= bound.group(1))


def _revision() -> tuple[str, str | None]:
    with platform_reading() as session:
        row = session.execute(_REVISION).one()
    return row.revision, row.remark


def _redis() -> bool:
    # Not the connection of pages: those leave a silent one alone for a while.
    with Redis.from_url(
        settings().redis_url, socket_timeout=PATIENCE / 2, socket_connect_timeout=PATIENCE / 2
    ) as redis:
        return bool(redis.ping())


_CHECKS: dict[str, Callable[[], bool]] = {"database": _database, "migrations": _migrations, "redis": _redis}


@cache
def _checks(name: str) -> _Check:
    return _Check(_CHECKS[name])
