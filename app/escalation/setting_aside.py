"""Changes with which a rule, or whoever else is given them, cannot deal: set aside with the error, so that all others
are forwarded. A person retries or discards them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.escalation.models import SetAside
from tenants import clock
from tenants.db import db, new_id
from tenants.errors import NotFound
from tenants.isolation import Isolated

READING = "reading"
"""In the place of a rule: the change itself could not be read."""

MOST_OF_ONE = 20
"""Changes of one turn. A rule that fails more often is not asked again in this turn; they are set aside unasked."""

_LONGEST = 2000


def discard(set_aside_id: UUID) -> None:
    """Raises NotFound."""
    row = db.session.get(SetAside, set_aside_id, with_for_update=True)
    if row is None:
        raise NotFound
    db.session.delete(row)


class Tray:
    """What one turn sets aside."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []
        self._failed: Counter[str] = Counter()
        self._last: dict[str, str] = {}

    @contextmanager
    def trying(self, change_id: UUID, rule: str) -> Iterator[None]:
        """Whatever fails inside is set aside, and the turn goes on."""
        with Isolated("forwarding", rule=rule, change=str(change_id)) as one:
            yield
        if one.error is not None:
            self._failed[rule] += 1
            self._last[rule] = f"{type(one.error).__name__}: {one.error}"[:_LONGEST]
            self.put(change_id, rule)

    def is_given_up(self, rule: str) -> bool:
        return self._failed[rule] >= MOST_OF_ONE

    def put(self, change_id: UUID, rule: str) -> None:
        row = {"change_id": change_id, "rule": rule, "error": self._last.get(rule, "")}
        self._rows.append({"id": new_id(), "created_at": clock.now(), **row})

    def error_of(self, rule: str) -> str | None:
        """Of the last change with which it failed."""
        return self._last.get(rule)

    def keep(self) -> None:
        """With the transaction in which the changes are taken up."""
        if self._rows:
            db.session.execute(insert(SetAside).on_conflict_do_nothing(), self._rows)
