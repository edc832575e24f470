"""What the constraints of PostgreSQL refuse."""

from __future__ import annotations

from psycopg.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError


def taken(error: IntegrityError) -> str | None:
    """The name of the unique index that has such an entry already; None where something else was violated."""
    return error.orig.diag.constraint_name or "" if isinstance(error.orig, UniqueViolation) else None
