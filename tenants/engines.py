"""Which login reaches which database: one provisioner, one platform login, one application login per cell."""

from __future__ import annotations

import hmac

import psycopg
from sqlalchemy import URL, make_url

from config.settings import settings
from tenants.errors import Unavailable

OWNER = "kontor_owner"
"""Owns every schema, table and function; nobody logs in as it."""

PLATFORM = "kontor_platform"
TENANT = "kontor_tenant"
"""What every tenant's role may do beside its own schema; nobody logs in as it."""

CELL = "main"
"""The first cell. A cell is one database with one application login, for at most about 500 tenants."""


class DatabaseSilent(Unavailable):
    """The database does not answer: %(reason)s"""

    code = "database_silent"


def app_login(cell: str) -> str:
    return f"kontor_app_{cell}"


def password_of(login: str) -> str:
    """Logins are ours alone, so their passwords follow from the secret key and need no setting."""
    return hmac.new(settings().secret_key.encode(), f"login:{login}".encode(), "sha256").hexdigest()


def login_url(login: str) -> URL:
    return _database().set(drivername="postgresql+psycopg", username=login, password=password_of(login))


def provisioner(*, autocommit: bool = True) -> psycopg.Connection:
    """A fresh connection that may create roles and schemas. Only provisioning and migration open one.

    Raises DatabaseSilent.
    """
    conninfo = _database().set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        return psycopg.connect(
            conninfo, autocommit=autocommit, connect_timeout=10, application_name="kontor provisioner"
        )
    except psycopg.OperationalError as error:
        raise DatabaseSilent(reason=str(error).strip().splitlines()[0]) from error


def _database() -> URL:
    return make_url(settings().database_url)
