"""The whole examination, in the order in which one part stands on another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from tenants import engines
from tenants.doctor import comparison, schemas, surroundings, walls, weaknesses
from tenants.doctor.findings import Finding, fine, wrong
from tenants.engines import DatabaseSilent, NoProvisioner

_OF_THE_SERVER = (schemas.version, schemas.extensions)
_OF_THE_DATABASE = (
    walls.examine,
    surroundings.logins,
    schemas.revisions,
    schemas.pairs,
    schemas.borders,
    comparison.examine,
    schemas.stock,
    surroundings.clocks,
)
_BESIDE_IT = (surroundings.redis_and_helpers, surroundings.disk, surroundings.privacy, weaknesses.examine)
_OF_WHAT_WAITS = (surroundings.waiting,)


def examine() -> Iterator[Finding]:
    """Needs an app context. What cannot be asked because the database is away is left out."""
    yield fine("settings", "All settings make sense.")
    yield from _database()
    for check in _BESIDE_IT:
        yield from check()


def _database() -> Iterator[Finding]:
    try:
        connection = engines.provisioner()
    except NoProvisioner:
        sentence = "The database was not looked at: that needs the login which may see everything."
        yield wrong("postgresql", sentence, remedy="Run `kontor doctor` where PROVISIONER_URL is set.")
        return
    except DatabaseSilent as silent:
        yield wrong("postgresql", str(silent), remedy="Start PostgreSQL, or correct PROVISIONER_URL.")
        return
    with connection:
        for first in _OF_THE_SERVER:
            yield from first(connection)
        if not schemas.has_platform(connection):
            yield wrong("revisions", "The database has not been set up yet.", remedy="Run `kontor migrate`.")
            return
        for check in _OF_THE_DATABASE:
            yield from _asked(connection, check)
    for waits in _OF_WHAT_WAITS:
        yield from _answered(waits)


def _asked(
    connection: psycopg.Connection, check: Callable[[psycopg.Connection], Iterator[Finding]]
) -> Iterator[Finding]:
    return _answered(lambda: check(connection))


def _answered(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """A check that the database refuses says so, and the others go on."""
    try:
        yield from check()
    except (psycopg.Error, SQLAlchemyError) as error:
        reason = str(error).strip().splitlines()[0]
        part = "database"
        yield wrong(
            part, f"A check could not be made: {reason}", remedy="Mend what else is named here, then ask again."
        )
