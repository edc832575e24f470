"""Who is acting, for which tenant, why. Set once at the edge (request, job, command), read everywhere.

The context is an app context of Flask: one context, one tenant, one session. A nested context has no tenant
at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from flask import current_app, g, has_app_context

_PG_SCHEMA = re.compile(r"t_[0-9a-z]{4,40}")
_WORD = re.compile(r"[0-9A-Za-z_.:-]{0,80}")


class TenantRequired(RuntimeError):
    """Somebody asked for a tenant's data outside any tenant: a bug, never a person's mistake."""


class TenantMismatch(RuntimeError):
    """Two tenants met in one context: a bug, never a person's mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One tenant, as everything that touches its data needs it."""

    tenant_id: UUID
    slug: str
    name: str
    pg_schema: str
    """Opaque, and the name of its role too: every role can read all schema names in the catalogue."""

    cell: str = "main"
    timezone: str = "Europe/Berlin"
    country: str = "DE"
    """Of phone numbers and addresses that name none."""

    logo_id: UUID | None = None

    def __post_init__(self) -> None:
        if not _PG_SCHEMA.fullmatch(self.pg_schema):
            raise ValueError(f"{self.pg_schema!r} is not the name of a tenant's schema.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The user on whose behalf something happens; without an id it is Kontor itself."""

    user_id: UUID | None = None
    name: str = "Kontor"
    permissions: frozenset[str] = frozenset()
    locale: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Why something happens: which request, through which door, caused by which job or rule."""

    source: str = "command"
    request: str = ""
    cause: str = ""
    depth: int = 0
    """How many automatic steps lie between this and what a person did; bounds rule loops."""

    def __post_init__(self) -> None:
        for word in (self.source, self.request, self.cause):
            if not _WORD.fullmatch(word):
                raise ValueError(f"{word!r} cannot be written into the journal.")


KONTOR = Actor()
COMMAND = Origin()


def enter(scope: Scope, *, actor: Actor, origin: Origin) -> None:
    """Bind this app context to a tenant, once.

    Raises TenantMismatch for a second, different tenant.
    """
    bound = g.get("scope")
    if bound is not None and bound != scope:
        raise TenantMismatch(f"This context belongs to {bound.slug}, not to {scope.slug}.")
    g.scope, g.actor, g.origin = scope, actor, origin


@contextmanager
def tenant_scope(scope: Scope, *, actor: Actor = KONTOR, origin: Origin = COMMAND) -> Iterator[Scope]:
    """The only way to work for a tenant outside a request: a fresh app context, so a fresh session."""
    with current_app.app_context():
        enter(scope, actor=actor, origin=origin)
        yield scope


def has_scope() -> bool:
    return has_app_context() and "scope" in g


def current_scope() -> Scope:
    """Raises TenantRequired."""
    if not has_scope():
        raise TenantRequired("There is no tenant in this context.")
    scope: Scope = g.scope
    return scope


def current_actor() -> Actor:
    actor: Actor = g.actor if has_scope() else KONTOR
    return actor


def current_origin() -> Origin:
    origin: Origin = g.origin if has_scope() else COMMAND
    return origin
