"""What operators do by hand, told as data."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask_babel import force_locale

from app.operators import gathering
from app.users import letters
from tenants import clock, lost_factors, operators, registry, running, suspension
from tenants.models import Identity
from tenants.operators import Hand

BY_HAND = Hand(who="Command line")


def create(email: str, *, name: str, password: str | None) -> dict[str, str]:
    """Without a password one is made, and told this once.

    Raises MalformedEmail, WeakPassword, OperatorExists.
    """
    chosen = password or secrets.token_urlsafe(15)
    made = operators.create(email=email, name=name, password=chosen, by=BY_HAND)
    told = {"id": str(made.id), "email": made.email, "name": made.name}
    return told if password else {**told, "password": chosen}


def set_password(email: str, *, password: str | None) -> dict[str, str]:
    """Without a password one is made, and told this once.

    Raises OperatorUnknown, WeakPassword.
    """
    chosen = password or secrets.token_urlsafe(15)
    found = operators.set_password(email=email, password=chosen, by=BY_HAND)
    return {"email": found.email} if password else {"email": found.email, "password": chosen}


def remove_second_factor(email: str) -> Identity:
    """Of a person who has lost it. They are told in their language.

    Raises PersonUnknown.
    """
    with force_locale(lost_factors.person(email).locale):
        return lost_factors.of_person(email, letter=letters.second_factor_gone(), by=BY_HAND)


def everybody() -> list[dict[str, Any]]:
    return [{"email": one.email, "name": one.name, "active": one.active} for one in operators.everybody()]


def suspend(slug: str, *, reason: str) -> dict[str, str | None]:
    """Raises TenantNotFound, NotSuspendable, ReasonMissing."""
    tenant = suspension.suspend(registry.named(slug).id, reason=reason, by=BY_HAND)
    gathering.gather_one(tenant.id)
    at = tenant.suspended_at.isoformat() if tenant.suspended_at else None
    return {"slug": slug, "status": tenant.status.value, "reason": tenant.suspended_for, "suspended_at": at}


def resume(slug: str, *, reason: str) -> dict[str, str]:
    """Raises TenantNotFound, NotSuspendable, ReasonMissing."""
    tenant = suspension.resume(registry.named(slug).id, reason=reason, by=BY_HAND)
    gathering.gather_one(tenant.id)
    return {"slug": slug, "status": tenant.status.value}


def status() -> dict[str, Any]:
    """Who works at this moment, and what waits. Without Redis nothing is known of the first."""
    found, now = running.running(), clock.now()
    oldest = max(now - found.oldest_mark, timedelta()).total_seconds() if found.oldest_mark else None
    known = found.queues
    return {
        "redis": known is not None,
        "lanes": dict(known.lanes) if known else {},
        "workers": [
            {"name": one.name, "host": one.host, "doing": one.doing, "seen_at": one.seen_at.isoformat()}
            for one in (known.workers if known else ())
        ],
        "scheduler_seen_at": known.scheduler.isoformat() if known and known.scheduler else None,
        "live_processes": known.live if known else 0,
        "relay": {"waiting": found.marks, "oldest_seconds": oldest, "overdue": found.overdue},
        "counted_at": found.backlog.counted_at.isoformat() if found.backlog.counted_at else None,
        "work": {
            work.value: {"waiting": lane.number, "overdue_seconds": round(lane.overdue.total_seconds(), 1)}
            for work, lane in found.backlog.lanes.items()
        },
    }


def text(told: dict[str, Any]) -> str:
    """The same for people: a line for each."""
    lines = [f"lane {name:<8} {length}" for name, length in told["lanes"].items()]
    lines += [f"worker {one['host']}  {one['doing'] or 'waits for work'}" for one in told["workers"]]
    if not told["redis"]:
        lines.append("Redis does not answer.")
    elif not told["workers"]:
        lines.append("No worker is alive.")
    lines.append(f"schedule: last sign of life {told['scheduler_seen_at'] or 'none'}")
    lines.append(f"firms that wait to be forwarded: {told['relay']['waiting']}")
    lines.append(f"counted: {told['counted_at'] or 'not yet'}")
    for name, lane in told["work"].items():
        oldest = f", the oldest overdue for {lane['overdue_seconds']} s" if lane["overdue_seconds"] else ""
        lines.append(f"{name} waiting: {lane['waiting']}{oldest}")
    return "\n".join(lines)
