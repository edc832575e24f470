from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from billing.models import Subscription, SubscriptionState
from billing.plans import price_list
from tenants.db import platform_row


def start_trial(session: Session, *, tenant_id: UUID, at: datetime) -> Subscription:
    """Let a firm try Kontor; done twice it is done once, and the first start counts."""
    found = session.scalar(select(Subscription).where(Subscription.tenant_id == tenant_id))
    if found is not None:
        return found
    trial = price_list().trial
    started = Subscription(
        tenant_id=tenant_id,
        plan=trial.plan.key,
        state=SubscriptionState.TRIAL,
        trial_ends_at=at + trial.length,
    )
    session.add(started)
    session.flush()
    return started


def trial_ends_at(tenant_id: UUID) -> datetime | None:
    """Until when a firm can try Kontor; None when it never tried or has bought."""
    row = platform_row(_TRIAL_ENDS_AT, {"tenant_id": tenant_id})
    return row.trial_ends_at if row else None


_TRIAL_ENDS_AT = select(Subscription.trial_ends_at).where(
    Subscription.tenant_id == bindparam("tenant_id"), Subscription.state == SubscriptionState.TRIAL
)
