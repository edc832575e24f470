"""Who may do what: roles as sets of described permissions, and the records that somebody may see."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

from sqlalchemy import Select, select

from app.core.features import features
from tenants.context import current_actor
from tenants.db import Versioned
from tenants.errors import NotAllowed
from tenants.models import Role
from tenants.tokens import EVERYTHING

PUBLIC = "public"
"""Anybody may enter, logged in or not."""

IDENTITY = "identity"
"""Whoever is logged in, in no tenant in particular."""

OPERATOR = "operator"
"""Whoever runs the platform, logged in apart from everybody else."""

_VERBS = {Role.READER: {"read", "mark"}, Role.MEMBER: {"read", "mark", "write", "delete", "import"}}
"""To mark is to say of what one was told oneself that one has read it."""

_OWNERS_ONLY = {"own"}

Record = TypeVar("Record", bound=Versioned)


class PermissionMissing(NotAllowed):
    """You do not have permission to do this; an administrator of your firm can grant it."""

    code = "permission_missing"


@cache
def permissions_of(role: Role) -> frozenset[str]:
    """Readers look, members also work, admins do the rest; who owns the account is decided by owners."""
    verbs = {p: p.rpartition(".")[2] for p in features.permissions()}
    if role is Role.OWNER:
        return frozenset(verbs)
    if role is Role.ADMIN:
        return frozenset(p for p, verb in verbs.items() if verb not in _OWNERS_ONLY)
    return frozenset(p for p, verb in verbs.items() if verb in _VERBS[role])


@cache
def in_suspension() -> frozenset[str]:
    """What is left to the owners of a suspended account: to look, and to export lists."""
    return frozenset(p for p in permissions_of(Role.OWNER) if p.rpartition(".")[2] in {"read", "export"})


@cache
def narrowed(role: Role, scopes: frozenset[str]) -> frozenset[str]:
    """Of what a role may, what the scopes of a token leave."""
    own = permissions_of(role)
    return own if EVERYTHING in scopes else own & scopes


def require(permission: str) -> None:
    """Raises PermissionMissing."""
    if not may(permission):
        raise PermissionMissing(permission=permission)


def may(permission: str) -> bool:
    return permission in current_actor().permissions


def visible(model: type[Record]) -> Select[Record]:
    """The records of a kind that the actor may see: what lies in the recycle bin is not among them."""
    return select(model).where(model.deleted_at.is_(None))
