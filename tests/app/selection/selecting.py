"""What a list's bar sends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from app.selection.models import BulkChange
from tests.firms import Firm


def sent(action: str, ids: Sequence[UUID], **more: str) -> dict[str, Any]:
    form = {"entity": "contact", "action": action, "token": str(uuid4()), "id": [str(one) for one in ids]}
    return {**form, **more}


def act(firm: Firm, action: str, ids: Sequence[UUID], **more: str) -> UUID:
    """The bulk change that came of it."""
    answer = firm.client().post(f"{firm.url}/selection", data=sent(action, ids, **more))
    assert answer.status_code == 303, answer.text
    return latest(firm)


def latest(firm: Firm) -> UUID:
    with firm.work() as session:
        return session.scalars(select(BulkChange.id).order_by(BulkChange.created_at.desc()).limit(1)).one()


def undo_url(page: str) -> str:
    found = re.search(r'action="([^"]+/selection/[^"]+/undo)"', page)
    assert found, "There is no way back."
    return found[1]
