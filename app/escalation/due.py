"""What is due now: deadlines that passed, and messages that are to leave. A worker's turn."""

from __future__ import annotations

from app.escalation import deadlines, queries
from app.notifications import deliveries
from tenants import relay
from tenants.context import Origin, tenant_scope
from tenants.db import unit_of_work
from tenants.models import Tenant
from tenants.turns import Left


def act(tenant: Tenant) -> Left:
    """
    1. Tell the next levels of what is overdue, in one transaction.
    2. Send a batch of messages, each settled by itself.
    3. Keep when the next is due.
    """
    origin = Origin(source="forwarding")
    with tenant_scope(tenant.scope(), origin=origin), unit_of_work():
        has_more = deadlines.fire()
    has_more |= deliveries.send_due(tenant.scope(), origin=origin)
    with relay.appointing(tenant.id) as appoint:
        with tenant_scope(tenant.scope(), origin=origin), unit_of_work():
            next_due = min(filter(None, (queries.next_deadline(), deliveries.next_attempt())), default=None)
        appoint(next_due)
    return Left.MORE if has_more else Left.NOTHING
