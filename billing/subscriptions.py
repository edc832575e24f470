from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from billing.models import Subscription, SubscriptionState
from billing.plans import Plan, price_list
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what a firm works here."""

    plan: Plan
    trial_ends_at: datetime | None
    """None when it never tried or has bought."""


def terms_of(tenant_id: UUID) -> Terms:
    """Who has neither bought nor tried will be offered the plan that one tries."""
    row, prices = platform_row(_TERMS, {"tenant_id": tenant_id}), price_list()
    if row is None:
        return Terms(plan=prices.trial.plan, trial_ends_at=None)
    is_trial = row.state is SubscriptionState.TRIAL
    return Terms(plan=prices.plans[row.plan], trial_ends_at=row.trial_ends_at if is_trial else None)


_TERMS = select(Subscription.plan, Subscription.state, Subscription.trial_ends_at).where(
    Subscription.tenant_id == bindparam("tenant_id")
)
