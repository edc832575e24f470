"""A change that was set aside is given once more to whoever could not deal with it."""

from __future__ import annotations

from uuid import UUID

from app.escalation import forwarding
from app.escalation.models import SetAside
from app.escalation.setting_aside import Tray
from tenants import routing
from tenants.db import db
from tenants.errors import NotFound


def retry(set_aside_id: UUID) -> None:
    """Where it fails again it stays, with the new error; a change that is gone from the journal is forgotten.

    Raises NotFound.
    """
    row = db.session.get(SetAside, set_aside_id, with_for_update=True)
    if row is None:
        raise NotFound
    tray = Tray()
    for change in routing.changes([row.change_id]):
        forwarding.tell_again(change, row.rule, tray)
    if (error := tray.error_of(row.rule)) is not None:
        row.error = error
    else:
        db.session.delete(row)
