from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from tenants.db import TenantModel


class KeptAnswer(TenantModel):
    """What was answered to a request that may come again under the same key."""

    __tablename__ = "kept_answers"
    __table_args__ = (
        UniqueConstraint("token_id", "key"),
        Index(None, "created_at"),
        {"info": {"unrecorded": "What the request changed stands in the journal itself."}},
    )

    token_id: Mapped[UUID]
    key: Mapped[str]
    fingerprint: Mapped[bytes]
    """SHA-256 of the request: the same key with another one is refused."""

    status: Mapped[int | None]
    body: Mapped[str | None]
    etag: Mapped[str | None]
    location: Mapped[str | None]
