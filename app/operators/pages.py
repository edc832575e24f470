"""What the console's pages show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_timedelta
from flask import g, request, url_for
from flask_babel import format_decimal, gettext, ngettext
from sqlalchemy import Row

from app.core import charts, i18n
from app.deadletters.wording import code
from app.operators import wording
from app.operators.inspection import Inside
from app.operators.queries import Query
from app.subscription.wording import amount, size
from billing.plans import price_list
from billing.totals import Past
from tenants import clock, migrations
from tenants.backlog import Waiting, Work
from tenants.models import TenantStatus
from tenants.running import AtWork, Running
from tenants.trouble import Trouble

DAYS = 90

Facts = Sequence[tuple[str, str]]


def surroundings() -> dict[str, Any]:
    """What every page of the console is told."""
    menu = (
        (gettext("Tenants"), "building-2", "console.tenants", {"console.tenants", "console.tenant"}),
        (gettext("Errors"), "triangle-alert", "console.failures", {"console.failures"}),
        (gettext("Queues"), "layers", "console.queues", {"console.queues"}),
        (gettext("Audit"), "history", "console.audit", {"console.audit"}),
    )
    places = [(label, icon, url_for(to), request.endpoint in own) for label, icon, to, own in menu]
    found = g.get("hand")
    return {"console": {"menu": places, "who": found.who if found else "", "preferences_url": url_for("login.prefer")}}


def tenants(found: Sequence[Row[Any]], *, query: Query, behind: str | None) -> dict[str, Any]:
    words = query.words or None
    orders = {
        "trouble": gettext("Trouble"),
        "name": gettext("Name"),
        "transferred": gettext("Transfer"),
        "active": gettext("Last activity"),
    }
    sorts = [
        (label, url_for("console.tenants", q=words, sort=name), name == query.sort) for name, label in orders.items()
    ]
    taken = [row.taken_at for row in found if row.taken_at is not None]
    return {
        "words": query.words,
        "sort": query.sort,
        "sorts": sorts,
        "rows": [_line(row) for row in found],
        "fresh": gettext("Figures: %(moment)s, times in UTC", moment=i18n.reader().say_date(min(taken)))
        if taken
        else "",
        "first_url": url_for("console.tenants", q=words, sort=query.sort) if query.after else None,
        "next_url": url_for("console.tenants", q=words, sort=query.sort, after=behind) if behind else None,
    }


def _line(row: Row[Any]) -> dict[str, Any]:
    troubles = wording.troubles(Trouble(row.trouble or 0))
    return {
        "url": url_for("console.tenant", tenant_id=row.id),
        "name": row.name,
        "slug": row.slug or "",
        "state": wording.state(row.status),
        "is_open": row.status is TenantStatus.OPEN,
        "plan": _plan(row),
        "trouble": troubles[0] if troubles else None,
        "more": len(troubles) - 1,
        "users": amount(row.users),
        "records": amount(row.records),
        "storage": amount(row.storage, is_size=True),
        "transferred": amount(row.transferred, is_size=True),
        "lag": _lag(row),
        "errors": amount(None if row.taken_at is None else row.errors + row.jobs_failed + row.deliveries_dead),
        "revision": row.revision,
        "due": _moment(row.next_due_at),
        "active_at": row.active_at,
    }


def _lag(row: Row[Any]) -> str:
    """For how long the oldest change had waited to be forwarded when the tenant was looked at last."""
    if row.waiting_since is None:
        return "–"
    return format_timedelta(row.taken_at - row.waiting_since, format="narrow", locale=i18n.locale())


def _plan(row: Row[Any]) -> str:
    if row.plan is None:
        return gettext("no plan")
    known = price_list().plans.get(row.plan)
    name = known.name if known else row.plan
    return gettext("%(plan)s, trial", plan=name) if row.state == "trial" else name


def tenant(row: Row[Any], *, past: Past, inside: Inside) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "state": wording.state(row.status),
        "troubles": wording.troubles(Trouble(row.trouble or 0)),
        "is_open": row.status is TenantStatus.OPEN,
        "is_suspended": row.status is TenantStatus.SUSPENDED,
        "suspended_at": row.suspended_at,
        "suspended_for": row.suspended_for,
        "migration_error": row.migration_error,
        "figures": _figures(row),
        "facts": _facts(row),
        "forwarding": _forwarding(row, inside),
        "failed": [_failed(job) for job in inside.failed],
        "deliveries": [(wording.delivery(state), amount(number)) for state, number in inside.deliveries.items()],
        "charts": _charts(past),
    }


def _figures(row: Row[Any]) -> Facts:
    return [
        (gettext("Users"), amount(row.users)),
        (gettext("Records"), amount(row.records)),
        (gettext("Files"), amount(row.storage, is_size=True)),
        (gettext("Transfer this month"), amount(row.transferred, is_size=True)),
    ]


def _facts(row: Row[Any]) -> Facts:
    head = migrations.head(migrations.TENANT_TREE)
    here = row.revision if row.revision == head else gettext("%(here)s of %(head)s", here=row.revision, head=head)
    return [
        (gettext("Address"), f"/{row.slug}/"),
        (gettext("Plan"), _plan(row)),
        (gettext("Opened"), _moment(row.opened_at)),
        (gettext("Last activity"), _moment(row.active_at)),
        (gettext("Language"), row.locale),
        (gettext("Time zone"), row.timezone),
        (gettext("Schema"), row.pg_schema),
        (gettext("Cell"), row.cell),
        (gettext("Revision"), here),
    ]


def _forwarding(row: Row[Any], inside: Inside) -> Facts:
    return [
        (gettext("Oldest change not forwarded"), _waiting(inside.waiting_since)),
        (gettext("Next thing due"), _moment(row.next_due_at)),
        (gettext("Open deadlines"), amount(inside.deadlines)),
        (gettext("Next deadline"), _moment(inside.next_deadline)),
        (gettext("Jobs waiting"), amount(inside.pending)),
        (gettext("Oldest job waits"), _waiting(inside.oldest_job)),
    ]


def _failed(job: Row[Any]) -> dict[str, Any]:
    return {"name": job.name, "attempts": job.attempts, "at": job.created_at, "error": code(job.error)}


def _charts(past: Past) -> Sequence[tuple[str, str, Any]]:
    drawn = (
        (gettext("Transfer"), past.transferred, size(past.transferred[-1]), size(max(past.transferred))),
        (gettext("Users"), past.users, amount(past.users[-1]), amount(max(past.users))),
        (gettext("Records"), past.records, amount(past.records[-1]), amount(max(past.records))),
    )
    return [
        (
            title,
            last,
            charts.days(title, values, said=gettext("At most %(most)s, today %(last)s.", most=most, last=last)),
        )
        for title, values, last, most in drawn
    ]


def queues(running: Running) -> dict[str, Any]:
    known = running.queues
    lanes = [(wording.lane(name), amount(length)) for name, length in known.lanes.items()] if known else []
    return {
        "answers": known is not None,
        "lanes": lanes,
        "workers": [_worker(worker) for worker in known.workers] if known else [],
        "facts": [
            (gettext("Schedule"), _sign(known.scheduler if known else None)),
            (gettext("Live updates"), _live(known.live if known else 0)),
            (gettext("Tenants that wait to be forwarded"), amount(running.marks)),
            (gettext("The longest waits"), _waiting(running.oldest_mark)),
            (gettext("Tenants with something overdue"), amount(running.overdue)),
        ],
        "work": [_work(work, lane) for work, lane in running.backlog.lanes.items()],
        "counted": _counted(running.backlog.counted_at),
        "is_stale": running.backlog.is_stale(at=clock.now()),
    }


def _work(work: Work, lane: Waiting) -> tuple[str, str, str]:
    """(what waits, how many, for how long the oldest is overdue)"""
    overdue = format_timedelta(lane.overdue, locale=i18n.locale())
    late = gettext("the oldest for %(time)s", time=overdue) if lane.overdue else ""
    return wording.work(work), amount(lane.number), late


def _counted(at: datetime | None) -> str:
    if at is None:
        return gettext("Not counted yet")
    return gettext("Counted: %(moment)s, times in UTC", moment=i18n.reader().say_date(at))


def _worker(worker: AtWork) -> dict[str, Any]:
    return {
        "name": worker.name,
        "host": worker.host,
        "doing": wording.doing(worker.doing),
        "is_busy": bool(worker.doing),
        "seen_at": worker.seen_at,
        "done": format_decimal(worker.done),
        "failed": format_decimal(worker.failed),
    }


def _sign(at: datetime | None) -> str:
    return (
        gettext("last sign of life %(moment)s", moment=i18n.reader().say_date(at)) if at else gettext("no sign of life")
    )


def _live(number: int) -> str:
    return ngettext("%(num)d process", "%(num)d processes", number) if number else gettext("no process listens")


def _moment(at: datetime | None) -> str:
    return i18n.reader().say_date(at) if at else "–"


def _waiting(since: datetime | None) -> str:
    if since is None:
        return "–"
    return format_timedelta(max(clock.now() - since, timedelta()), locale=i18n.locale())
