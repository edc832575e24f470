"""Accounts, told as data."""

from __future__ import annotations

from app.signup.queries import Opened
from config.settings import settings
from tenants.models import Tenant


def opened(opened: Opened) -> dict[str, str]:
    tenant = opened.tenant
    return {
        "id": str(tenant.id),
        "slug": tenant.slug or "",
        "name": tenant.name,
        "locale": tenant.locale,
        "owner": opened.identity.email,
        "url": url(tenant),
    }


def listed(tenant: Tenant) -> dict[str, str | None]:
    return {
        "id": str(tenant.id),
        "slug": tenant.slug,
        "name": tenant.name,
        "status": tenant.status.value,
        "locale": tenant.locale,
        "cell": tenant.cell,
        "revision": tenant.revision,
        "opened_at": tenant.opened_at.isoformat() if tenant.opened_at else None,
        "url": url(tenant),
    }


def name_in(email: str) -> str:
    """The best guess there is: anna.berg@firm.example -> Anna Berg."""
    return email.partition("@")[0].replace(".", " ").replace("_", " ").title()


def url(tenant: Tenant) -> str:
    return f"{settings().public_url}/{tenant.slug}/"
