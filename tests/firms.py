"""Firms for tests: how to work inside one, how to visit it with a browser's cookie, how to empty it again."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from redis import Redis
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config.settings import settings
from tenants import cache, counting, cursor, engines, memory
from tenants.context import Actor, Origin, Scope, tenant_scope
from tenants.models import Role

PASSWORD = "correct horse battery"
_CSRF = "a" * 40


class Visitor(FlaskClient):
    """A browser that sends the page's CSRF token along, as our pages do."""

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        if options.get("method", "GET") == "GET":
            return super().open(*arguments, **options)
        signer = URLSafeTimedSerializer(self.application.secret_key or "", salt="wtf-csrf-token")
        with self.session_transaction() as session:
            session["csrf_token"] = _CSRF
        options.setdefault("headers", {})["X-CSRFToken"] = signer.dumps(_CSRF)
        return super().open(*arguments, **options)


@dataclass(frozen=True)
class Firm:
    app: Flask
    scope: Scope
    owner_id: UUID
    identity_id: UUID
    token: str

    @property
    def url(self) -> str:
        return f"/{self.scope.slug}"

    @contextmanager
    def work(self) -> Iterator[Session]:
        """One unit of work of the owner."""
        from app.core import access
        from tenants.db import unit_of_work

        actor = Actor(user_id=self.owner_id, name="Ada Owner", permissions=access.permissions_of(Role.OWNER))
        origin = Origin(source="web", request=secrets.token_hex(8))
        with (
            self.app.app_context(),
            tenant_scope(self.scope, actor=actor, origin=origin),
            unit_of_work() as session,
        ):
            yield session

    def client(self) -> Visitor:
        """A browser in which the owner is logged in."""
        client = Visitor(self.app)
        with client.session_transaction() as session:
            session["_user_id"] = self.token
            session["_fresh"] = True
        return client


def open_firm(app: Flask, *, slug: str, name: str) -> Firm:
    from app.users import actions as users
    from tenants import identities, provisioning
    from tenants.db import platform_work, unit_of_work

    email = f"owner@{slug}.example"
    with app.app_context():
        with platform_work() as session:
            tenant = provisioning.claim(session, slug=slug, name=name, locale="de")
            password_hash = identities.hash_password(PASSWORD)
            identity = identities.find_or_add(
                session, email=email, name="Ada Owner", password_hash=password_hash, locale="en"
            )
            membership = identities.join(session, tenant_id=tenant.id, identity_id=identity.id, role=Role.OWNER)
        token = identities.open_session(identity.id)
        scope = tenant.scope()
        with tenant_scope(scope), unit_of_work():
            users.add_user(user_id=membership.id, name="Ada Owner", email=email, role=Role.OWNER)
        # The first visit on a day is written down; that of tests that count statements is over.
        identities.entry(token, slug=slug)
    return Firm(app=app, scope=scope, owner_id=membership.id, identity_id=identity.id, token=token)


def ring(firm: Firm) -> None:
    """The owner's bell has counted what is not read; pages do not ask again until something is told."""
    assert firm.client().get(f"{firm.url}/notifications/bell").status_code == HTTPStatus.OK


def stranger(firm: Firm) -> Visitor:
    """A browser in which nobody is logged in."""
    return Visitor(firm.app)


@contextmanager
def visitor_with_role(firm: Firm, role: str) -> Iterator[Visitor]:
    """The owner's browser while the owner has this role only."""
    from tenants.db import platform_work
    from tenants.models import Membership

    def become(wanted: Role) -> None:
        with firm.app.app_context(), platform_work() as session:
            session.get_one(Membership, firm.owner_id).role = wanted

    become(Role(role))
    try:
        yield firm.client()
    finally:
        become(Role.OWNER)


class Reset:
    """Empty both firms by one message. TRUNCATE costs ten times as much; a savepoint would bypass the real BEGIN."""

    def __init__(self, *firms: Firm) -> None:
        self._keep = [firm.scope.pg_schema for firm in firms]
        self._connection = engines.provisioner()
        self._redis = Redis.from_url(settings().redis_url)
        tables = self._connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)", [self._keep]
        ).fetchall()
        kept = {"alembic_version", "users", "router"}
        deletes = [f"DELETE FROM {schema}.{table};" for schema, table in tables if table not in kept]
        platform = "".join(
            f"DELETE FROM platform.{table};"
            for table in (
                "mails",
                "outbox",
                "clock_offset",
                "invitations",
                "email_changes",
                "usage_levels",
                "tenant_figures",
                "request_errors",
                "api_tokens",
            )
        )
        owners = ", ".join(f"'{firm.identity_id}'" for firm in firms)
        preferred = (
            "UPDATE platform.identities SET locale = 'en', theme = 'auto', time_format = 'auto' "
            f"WHERE id IN ({owners}) AND (locale, theme, time_format) <> ('en', 'auto', 'auto');"
        )
        self._message = "SET session_replication_role = replica;" + "".join(deletes) + platform + preferred

    def __call__(self) -> None:
        try:
            self._connection.execute(self._message)
        except psycopg.OperationalError:
            # A test has crashed the database.
            self._connection = engines.provisioner()
            self._connection.execute(self._message)
        cache.forget_all()
        self._ask_redis_again()
        self._count_anew()

    def close(self) -> None:
        self._connection.close()
        self._redis.close()

    def _ask_redis_again(self) -> None:
        """A test in which Redis was silent may have left a thread behind that asks whether it still is."""
        if memory._probing.acquire(timeout=10):
            memory._probing.release()
        memory._silent_until = 0.0

    def _count_anew(self) -> None:
        """Whoever knocks in a test has not knocked before."""
        counts = self._redis.keys(counting.EVERY)
        if counts:
            self._redis.delete(*counts)


@contextmanager
def counted_statements(app: Flask) -> Iterator[list[str]]:
    """The SQL statements that leave for any database while this lasts."""
    statements: list[str] = []
    sends = cursor.sends

    def note(statement: bytes) -> None:
        statements.append(statement.decode())
        sends(statement)

    cursor.sends = note
    try:
        yield statements
    finally:
        cursor.sends = sends
