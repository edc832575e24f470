from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.db import TenantModel, Versioned

LONGEST_FAILING = timedelta(hours=1)
MOST_FAILURES = 10

_SHORTEST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=15)


class Webhook(Versioned):
    """An address that is told of changes."""

    __tablename__ = "webhooks"
    __table_args__ = ({"info": {"in_copy": "UPDATE webhooks SET active = false"}},)

    name: Mapped[str]
    address: Mapped[str]
    kinds: Mapped[list[str]] = mapped_column(JSONB)
    """Names of the subjects (app/core/subjects.py) of which it is told."""

    events: Mapped[list[str]] = mapped_column(JSONB)
    active: Mapped[bool] = mapped_column(default=True)
    stopped_at: Mapped[datetime | None]
    """When it was switched off because nobody took what was sent."""

    def stop(self, *, at: datetime) -> None:
        self.active, self.stopped_at = False, at

    def switch_off(self) -> None:
        self.active, self.stopped_at = False, None

    def switch_on(self) -> None:
        self.active, self.stopped_at = True, None


class WebhookSecret(TenantModel):
    """With what is sent to an address is signed. After a change the one before goes on for a while."""

    __tablename__ = "webhook_secrets"
    __table_args__ = (
        Index(None, "webhook_id"),
        {"info": {"unrecorded": "A secret has no place in a journal that people read."}},
    )

    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id"))
    secret: Mapped[bytes]
    """As it is: whoever can read this can read all that is signed with it, and a key to it would lie beside it."""

    until: Mapped[datetime | None]


class WebhookFailure(TenantModel):
    """An address does not take what is sent; the row is gone as soon as it does again."""

    __tablename__ = "webhook_failures"
    __table_args__ = ({"info": {"unrecorded": "It says how an address answers and is no change."}},)

    created_at = None  # type: ignore[assignment]
    id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id"), primary_key=True)
    since: Mapped[datetime]
    times: Mapped[int]

    def lasts(self, *, at: datetime) -> bool:
        """Whether it has gone on for so long that it will hardly end by itself."""
        return self.times >= MOST_FAILURES and at - self.since >= LONGEST_FAILING

    def pause(self, *, at: datetime) -> timedelta:
        """Nothing is sent there for as long as it has failed already, within bounds."""
        return min(max(at - self.since, _SHORTEST_PAUSE), _LONGEST_PAUSE)
