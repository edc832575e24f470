"""Which login reaches which database: one provisioner, one platform login, one application login per cell."""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy import URL, make_url

from config import logins
from config.settings import settings
from tenants.errors import Unavailable

OWNER = "kontor_owner"
"""Owns every schema, table and function; nobody logs in as it."""

PLATFORM = logins.PLATFORM
TENANT = "kontor_tenant"
"""What every tenant's role may do beside its own schema; nobody logs in as it."""

CELL = "main"
"""The first cell. A cell is one database with one application login, for at most about 500 tenants."""

TCP: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""When a dead network is noticed: seconds of silence and between probes, probes, and milliseconds for what we sent."""

_PROVISIONING = "-c statement_timeout=30min -c lock_timeout=10min -c idle_in_transaction_session_timeout=5min"
"""For a connection of its own, past any pooler."""


class DatabaseSilent(Unavailable):
    """The database does not answer: %(reason)s"""

    code = "database_silent"


def app_login(cell: str) -> str:
    return f"kontor_app_{cell}"


class NoProvisioner(Unavailable):
    """This process may not create anything in the database: PROVISIONER_URL is not set for it."""

    code = "no_provisioner"


def platform_url() -> URL:
    return _for_sqlalchemy(settings().database_url)


def cell_url() -> URL:
    return _for_sqlalchemy(settings().cell_url)


def direct_url() -> URL:
    """The platform's login past any pooler, for what a session keeps: LISTEN and locks."""
    return _for_sqlalchemy(settings().direct_url)


def has_provisioner() -> bool:
    """Whether this process may create roles and schemas."""
    return settings().provisioner_url is not None


def provisioner(*, autocommit: bool = True) -> psycopg.Connection:
    """A fresh connection that may create roles and schemas. Only provisioning and migration open one.

    Raises DatabaseSilent, and NoProvisioner in a process that strangers talk to.
    """
    conninfo = settings().provisioner_url
    if conninfo is None:
        raise NoProvisioner
    try:
        return psycopg.connect(
            conninfo,
            autocommit=autocommit,
            connect_timeout=10,
            application_name="kontor provisioner",
            options=_PROVISIONING,
            **TCP,
        )
    except psycopg.OperationalError as error:
        raise DatabaseSilent(reason=str(error).strip().splitlines()[0]) from error


def _for_sqlalchemy(url: str) -> URL:
    return make_url(url).set(drivername="postgresql+psycopg")
