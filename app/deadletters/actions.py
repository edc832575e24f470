from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.deadletters.queries import Kind
from app.escalation import setting_aside, telling_again
from app.notifications import deliveries
from tenants import jobs


def retry(kind: Kind, letter_id: UUID, *, at: datetime) -> None:
    """Once more from the beginning. A change with which the rule still fails stays among the dead letters.

    Raises NotFound.
    """
    match kind:
        case Kind.JOB:
            jobs.retry(letter_id)
        case Kind.CHANGE:
            telling_again.retry(letter_id)
        case Kind.MESSAGE:
            deliveries.retry(letter_id, at=at)


def discard(kind: Kind, letter_id: UUID) -> None:
    """Nobody comes back to it.

    Raises NotFound.
    """
    match kind:
        case Kind.JOB:
            jobs.discard(letter_id)
        case Kind.CHANGE:
            setting_aside.discard(letter_id)
        case Kind.MESSAGE:
            deliveries.discard(letter_id)
