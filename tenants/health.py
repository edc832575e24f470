"""Whether the parts that everything stands on answer. Why one does not stands in the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from tenants import lanes, migrations
from tenants.db import platform_reading

log = get_logger()


def parts() -> Mapping[str, bool]:
    """Each part by name, and whether it works."""
    return {name: _answers(name, check) for name, check in _CHECKS.items()}


def _answers(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (SQLAlchemyError, RedisError) as error:
        log.warning("not_ready", part=name, error=type(error).__name__)
        return False


def _database() -> bool:
    with platform_reading() as session:
        return bool(session.scalar(text("SELECT 1")))


def _migrations() -> bool:
    with platform_reading() as session:
        revision = session.scalar(text("SELECT version_num FROM platform.alembic_version"))
    return bool(revision == migrations.head(migrations.PLATFORM_TREE))


def _redis() -> bool:
    with lanes.connection() as redis:
        return bool(redis.ping())


_CHECKS: dict[str, Callable[[], bool]] = {"database": _database, "migrations": _migrations, "redis": _redis}
