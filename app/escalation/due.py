"""What is due now: deadlines that passed. A worker's turn, which nobody who sends messages holds up."""

from __future__ import annotations

from app.escalation import deadlines, queries
from app.notifications import deliveries
from tenants import relay
from tenants.context import Origin, tenant_scope
from tenants.db import unit_of_work
from tenants.models import Tenant
from tenants.turns import Left

ORIGIN = Origin(source="forwarding")


def act(tenant: Tenant) -> Left:
    """
    1. Tell the next levels of what is overdue, in one transaction.
    2. Keep when the next is due, and tell those who send messages.
    """
    with tenant_scope(tenant.scope(), origin=ORIGIN), unit_of_work():
        has_more = deadlines.fire()
    appoint(tenant)
    return Left.MORE if has_more else Left.NOTHING


def appoint(tenant: Tenant) -> None:
    """Keep when something is due next."""
    with relay.appointing(tenant.id) as appoint_at:
        with tenant_scope(tenant.scope(), origin=ORIGIN), unit_of_work():
            wanted = (queries.next_deadline(), deliveries.appointment(tenant.id))
        appoint_at(min(filter(None, wanted), default=None))
