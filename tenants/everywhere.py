"""What is done for every tenant: one after the other, and none of them holds up the others.

A schema that is broken, or locked by somebody, costs its own turn and a bounded wait (tenants/checkout.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from tenants import registry
from tenants.context import Origin, Scope, tenant_scope
from tenants.db import unit_of_work
from tenants.isolation import Isolated
from tenants.models import Tenant

Answer = TypeVar("Answer")

ORIGIN = Origin(source="schedule")


def for_each_tenant(
    work: str, do: Callable[[Tenant], Answer], *, among: Iterable[Tenant] | None = None
) -> Mapping[UUID, Answer]:
    """Do it for all open tenants, or for those named; answers what came of it, without those where it failed.

    ``work`` is what the log and the figures call it (tenants/isolation.py).
    """
    answers: dict[UUID, Answer] = {}
    for tenant in registry.open_tenants() if among is None else among:
        with Isolated(work, tenant=str(tenant.id)):
            answers[tenant.id] = do(tenant)
    return answers


@contextmanager
def inside(scope: Scope) -> Iterator[Session]:
    """One transaction in a tenant, with the short patience of work that comes round again."""
    with tenant_scope(scope, origin=ORIGIN), unit_of_work() as session:
        yield session
