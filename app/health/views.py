from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask.typing import ResponseReturnValue
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from app.core.access import PUBLIC
from app.core.web import Door
from tenants import jobs, migrations
from tenants.db import platform_reading

log = get_logger()
door = Door("health", __name__)


@door.get("/healthz", allow=PUBLIC)
def alive() -> ResponseReturnValue:
    """This process answers. Nothing else is asked: a database that is away is no reason to restart us."""
    return {"alive": True}


@door.get("/readyz", allow=PUBLIC)
def ready() -> ResponseReturnValue:
    """What people need of us works. Says which part does not; why stands in the log, not in the answer."""
    parts = {name: _answers(name, check) for name, check in _CHECKS.items()}
    fine = all(parts.values())
    status = HTTPStatus.OK if fine else HTTPStatus.SERVICE_UNAVAILABLE
    return {"ready": fine, **{name: "ok" if works else "failing" for name, works in parts.items()}}, status


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
    with jobs.connection() as redis:
        return bool(redis.ping())


_CHECKS: dict[str, Callable[[], bool]] = {"database": _database, "migrations": _migrations, "redis": _redis}
