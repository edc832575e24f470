"""States, troubles and deeds as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import Row

from tenants.backlog import Work
from tenants.lanes import Lane
from tenants.models import TenantStatus
from tenants.operators import Act
from tenants.trouble import Trouble

Pill = tuple[str, str]
"""(text, tone)"""


def state(status: TenantStatus) -> Pill:
    match status:
        case TenantStatus.OPEN:
            return gettext("open"), "good"
        case TenantStatus.SUSPENDED:
            return gettext("suspended"), "warn"
        case TenantStatus.CLOSED:
            return gettext("closed"), "plain"
        case TenantStatus.STOCK:
            return gettext("in stock"), "plain"


def troubles(found: Trouble) -> list[Pill]:
    """The gravest first."""
    said = {
        Trouble.UNREADABLE: (gettext("Cannot be read"), "bad"),
        Trouble.NOT_MIGRATED: (gettext("Migration failed"), "bad"),
        Trouble.STUCK: (gettext("Forwarding stands still"), "bad"),
        Trouble.BEHIND: (gettext("Schema behind"), "warn"),
        Trouble.ERRORS: (gettext("Pages fail"), "bad"),
        Trouble.DEAD_DELIVERIES: (gettext("Deliveries given up"), "warn"),
        Trouble.FAILED_JOBS: (gettext("Jobs failed"), "warn"),
    }
    return [pill for kind, pill in said.items() if kind in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    at: datetime
    who: str
    what: str
    tenant: str
    tenant_id: UUID | None
    reason: str
    address: str
    icon: str


_ICONS = {
    Act.CREATED_OPERATOR: "user-plus",
    Act.CHANGED_PASSWORD: "lock",
    Act.DEACTIVATED_OPERATOR: "x",
    Act.REACTIVATED_OPERATOR: "circle-check",
    Act.REMOVED_SECOND_FACTOR: "smartphone",
    Act.LOGGED_IN: "log-in",
    Act.LOOKED: "eye",
    Act.RETRIED: "refresh-cw",
    Act.DISCARDED: "trash-2",
    Act.SUSPENDED: "lock",
    Act.RESUMED: "circle-check",
    Act.CLOSED: "x",
    Act.REOPENED: "circle-check",
    Act.ERASED: "trash-2",
    Act.RESTORED: "refresh-cw",
}


def told(row: Row[Any]) -> Told:
    said = {
        Act.CREATED_OPERATOR: gettext("Made an operator"),
        Act.CHANGED_PASSWORD: gettext("Gave an operator a new password"),
        Act.DEACTIVATED_OPERATOR: gettext("Deactivated an operator"),
        Act.REACTIVATED_OPERATOR: gettext("Let an operator in again"),
        Act.REMOVED_SECOND_FACTOR: gettext("Took a lost second factor away"),
        Act.LOGGED_IN: gettext("Logged in"),
        Act.LOOKED: gettext("Looked at the tenant"),
        Act.RETRIED: gettext("Tried again what was given up"),
        Act.DISCARDED: gettext("Discarded what was given up"),
        Act.SUSPENDED: gettext("Suspended the tenant"),
        Act.RESUMED: gettext("Resumed the tenant"),
        Act.CLOSED: gettext("Closed the tenant"),
        Act.REOPENED: gettext("Opened the closed tenant again"),
        Act.ERASED: gettext("Erased the tenant"),
        Act.RESTORED: gettext("Restored the tenant from a backup"),
    }
    return _told(row, what=said[row.act])


def told_to_tenant(row: Row[Any]) -> Told:
    """The same, in the words of the tenant."""
    said = {
        Act.LOOKED: gettext("Looked at the state of the account"),
        Act.RETRIED: gettext("Tried again what was given up"),
        Act.DISCARDED: gettext("Discarded what was given up"),
        Act.SUSPENDED: gettext("Suspended the account"),
        Act.RESUMED: gettext("Opened the account again"),
        Act.CLOSED: gettext("Closed the account"),
        Act.REOPENED: gettext("Opened the closed account again"),
        Act.RESTORED: gettext("Restored the account from a backup"),
    }
    return _told(row, what=said.get(row.act, ""))


def _told(row: Row[Any], *, what: str) -> Told:
    return Told(
        at=row.created_at,
        who=row.who,
        what=what,
        tenant=row.tenant or "",
        tenant_id=row.tenant_id,
        reason=row.reason,
        address=row.address,
        icon=_ICONS[row.act],
    )


def lane(name: str) -> str:
    return {
        Lane.TURNS: gettext("Forwarding"),
        Lane.JOBS: gettext("Jobs"),
        Lane.WEBHOOKS: gettext("Webhooks"),
        Lane.BULK: gettext("Forwarding of many changes"),
        Lane.WEBHOOKS_AGAIN: gettext("Webhooks that were not taken"),
        Lane.MAILS: gettext("Mails"),
        Lane.MAILS_AGAIN: gettext("Mails of who has many"),
    }[Lane(name)]


def work(kind: Work) -> str:
    match kind:
        case Work.CHANGES:
            return gettext("Changes to be forwarded")
        case Work.JOBS:
            return gettext("Jobs waiting")
        case Work.MAILS:
            return gettext("Mails waiting")
        case Work.WEBHOOKS:
            return gettext("Webhooks waiting")


def doing(door: str) -> str:
    return {"turns": gettext("forwards"), "jobs": gettext("does a job"), "": gettext("waits for work")}.get(door, door)


def delivery(name: str) -> str:
    return {
        "pending": gettext("waiting"),
        "sending": gettext("being sent"),
        "sent": gettext("sent"),
        "dropped": gettext("no longer wanted"),
        "dead": gettext("given up"),
    }[name]
