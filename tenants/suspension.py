"""A tenant that is suspended: nobody works there, nothing of it is lost, and its owners can look and export lists."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tenants import clock, operators
from tenants.db import platform_row, platform_work
from tenants.errors import Conflict, Invalid
from tenants.models import Tenant, TenantStatus
from tenants.operators import Act, Hand
from tenants.registry import TenantNotFound

LONGEST_REASON = 500


class NotSuspendable(Conflict):
    """Only an account in which people work can be suspended or resumed."""

    code = "not_suspendable"


class ReasonMissing(Invalid):
    """Please say why, in at most 500 characters; the firm will read it."""

    code = "reason_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """What the people of a suspended tenant are told."""

    reason: str


def suspend(tenant_id: UUID, *, reason: str, by: Hand) -> Tenant:
    """From the next request on nobody works there. Done twice it is done once, and the first reason stays.

    Raises TenantNotFound, NotSuspendable, ReasonMissing.
    """
    said = reason_given(reason)
    with platform_work() as session:
        tenant = _decided(session, tenant_id)
        if tenant.status is TenantStatus.OPEN:
            tenant.status = TenantStatus.SUSPENDED
            tenant.suspended_at, tenant.suspended_for = clock.now(), said
            operators.note(session, Act.SUSPENDED, by=by, tenant_id=tenant_id, reason=said)
    return tenant


def resume(tenant_id: UUID, *, reason: str, by: Hand) -> Tenant:
    """Everything goes on where it stood. Done twice it is done once.

    Raises TenantNotFound, NotSuspendable, ReasonMissing.
    """
    said = reason_given(reason)
    with platform_work() as session:
        tenant = _decided(session, tenant_id)
        if tenant.status is TenantStatus.SUSPENDED:
            tenant.status = TenantStatus.OPEN
            tenant.suspended_at = tenant.suspended_for = None
            operators.note(session, Act.RESUMED, by=by, tenant_id=tenant_id, reason=said)
    return tenant


def reason_given(reason: str) -> str:
    """Raises ReasonMissing."""
    said = reason.strip()
    if not said or len(said) > LONGEST_REASON:
        raise ReasonMissing
    return said


def _decided(session: Session, tenant_id: UUID) -> Tenant:
    tenant = session.get(Tenant, tenant_id, with_for_update=True)
    if tenant is None:
        raise TenantNotFound
    if tenant.status not in {TenantStatus.OPEN, TenantStatus.SUSPENDED}:
        raise NotSuspendable
    return tenant


def of(slug: str) -> Suspension | None:
    """Why the tenant at this address is suspended; None where it is not, or there is none."""
    row = platform_row(_SUSPENDED, {"slug": slug})
    return Suspension(reason=row.suspended_for or "") if row else None


_SUSPENDED = select(Tenant.suspended_for).where(
    Tenant.slug == bindparam("slug"), Tenant.status == TenantStatus.SUSPENDED
)
