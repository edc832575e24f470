from __future__ import annotations

from uuid import UUID

from app.escalation import deadlines
from app.firm import logos
from tenants.jobs import job


@job
def make_logo(*, upload_id: str) -> None:
    logos.make(UUID(upload_id))


@job
def reckon_deadlines_anew() -> None:
    """In the zone and with the holidays that the firm has by now."""
    deadlines.recompute()
