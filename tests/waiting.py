"""Work that has waited for a while, in every lane."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from tests.firms import Firm


def keep_waiting(firm: Firm, *, minutes: Mapping[str, int]) -> None:
    """One thing in each lane, as if it had fallen due so many minutes and a second ago."""
    from app.notifications.models import Channel, Delivery
    from tenants import clock
    from tenants.changes import Unrouted
    from tenants.db import new_id, platform_work
    from tenants.jobs import Job
    from tenants.models import Mail

    due = {lane: clock.now() - timedelta(minutes=waited, seconds=1) for lane, waited in minutes.items()}
    with firm.work() as session:
        if "jobs" in due:
            session.add(Job(name="app.imports.jobs.run", arguments={}, actor=None, due_at=due["jobs"]))
        if "webhooks" in due:
            target = {"channel": Channel.WEBHOOK, "target": str(new_id()), "payload": {}}
            session.add(Delivery(key=str(new_id()), due_at=due["webhooks"], **target))
    with firm.app.app_context(), platform_work() as session:
        if "mails" in due:
            written = {"created_at": due["mails"], "due_at": due["mails"]}
            session.add(Mail(recipient="a@b.example", subject="Waits", body="-", **written))
    if "changes" in due:
        _change(firm, Unrouted.__tablename__, due["changes"].isoformat())


def rid_of_what_others_left(*firms: Firm) -> None:
    """Nothing waits in any firm but these: tests before have opened some, and let their work lie."""
    from tenants import engines

    kept = [firm.scope.pg_schema for firm in firms]
    with engines.provisioner() as connection:
        others = connection.execute(
            "SELECT pg_schema, relname FROM platform.tenants JOIN pg_class ON relnamespace = to_regnamespace(pg_schema)"
            " WHERE status = 'open' AND pg_schema <> ALL(%s) AND relname = ANY(%s)",
            [kept, ["unrouted", "jobs", "deliveries", "mails"]],
        ).fetchall()
        for schema, table in others:
            connection.execute(f"DELETE FROM {schema}.{table}".encode())


def _change(firm: Firm, table: str, at: str) -> None:
    """The journal is written by the database alone."""
    from tenants import engines

    with engines.provisioner() as connection:
        row = f"INSERT INTO {firm.scope.pg_schema}.{table} (id, at, changes) VALUES (gen_random_uuid(), '{at}', '{{}}')"
        connection.execute(row.encode())
