"""`python -m benchmarks.filling SIZE`: puts the rows into the product's tenants and copies them for the floor.

The product's own doors write, so that journal, search keys and files are as they are in real life.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import select

from app.activities.models import Activity, ActivityKind, Link
from app.companies.models import Company
from app.contacts.models import Contact
from app.core.access import permissions_of
from app.core.entities import create_records, entity_types
from app.factory import create_app
from app.users import actions as users
from benchmarks import data
from benchmarks.sizes import OWNER, PASSWORD, PROGRAM, SIZES, SLUG, Size, small_slug
from billing import subscriptions
from tenants import bulk, clock, engines, fleet, identities, provisioning
from tenants.context import Actor, Origin, Scope, tenant_scope
from tenants.db import new_id, platform_work, unit_of_work
from tenants.models import Role

_CHUNK = 2000
_FLOOR = Path(__file__).parent / "floor" / "tables.sql"
Row = TypeVar("Row")


def main(size: Size) -> None:
    fleet.migrate()
    app = create_app()
    with app.app_context():
        _fill_big(size)
        for number in range(size.tenants):
            _fill_small(number, size)
    provisioning.fill_stock()
    with engines.provisioner() as connection:
        fill_floor(_schema_of(SLUG))
        _forget_news(connection)
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _forget_news(connection: psycopg.Connection) -> None:
    """Nobody need be told of how the data came; what forwarding costs is measured on changes of its own."""
    for (pg_schema,) in connection.execute("SELECT pg_schema FROM platform.tenants").fetchall():
        connection.execute(f"TRUNCATE {pg_schema}.unrouted".encode())
    connection.execute("TRUNCATE platform.outbox")


def _fill_big(size: Size) -> None:
    scope, owner_id = _open_firm(SLUG, "Bench")
    for rows in _chunks(data.companies(size.companies)):
        _write(scope, owner_id, "company", rows)
    with tenant_scope(scope), unit_of_work() as session:
        employers = list(session.scalars(select(Company.name).order_by(Company.id)))
    for rows in _chunks(data.contacts(size.contacts, employers=employers)):
        _write(scope, owner_id, "contact", rows)
    with tenant_scope(scope), unit_of_work() as session:
        people = list(session.scalars(select(Contact.id).order_by(Contact.id)))
    for lived in _chunks(data.activities(size.activities, people=len(people))):
        with tenant_scope(scope, actor=_actor(owner_id), origin=Origin(source="web")), unit_of_work():
            _write_activities(lived, people, owner_id)


def _fill_small(number: int, size: Size) -> None:
    scope, owner_id = _open_firm(small_slug(number), f"Small {number}")
    _write(scope, owner_id, "contact", list(data.contacts(size.contacts_each, seed=f"small {number}")))


def _open_firm(slug: str, name: str) -> tuple[Scope, UUID]:
    with platform_work() as session:
        tenant = provisioning.claim(session, slug=slug, name=name, locale="de")
        identity = identities.find_or_add(
            session, email=OWNER, name="Ada Owner", password_hash=_password_hash(), locale="de"
        )
        member = identities.join(session, tenant_id=tenant.id, identity_id=identity.id, role=Role.OWNER)
        subscriptions.start_trial(session, tenant_id=tenant.id, at=clock.now())
    with tenant_scope(tenant.scope()), unit_of_work():
        users.add_user(user_id=member.id, name="Ada Owner", email=OWNER, role=Role.OWNER)
    return tenant.scope(), member.id


@cache
def _password_hash() -> str:
    return identities.hash_password(PASSWORD)


def _actor(owner_id: UUID) -> Actor:
    return Actor(user_id=owner_id, name="Ada Owner", permissions=permissions_of(Role.OWNER))


def _write(scope: Scope, owner_id: UUID, entity: str, rows: list[dict[str, str]]) -> None:
    with tenant_scope(scope, actor=_actor(owner_id), origin=Origin(source="web")), unit_of_work():
        create_records(entity_types.named(entity), rows)


def _write_activities(lived: list[tuple[int, str, str, datetime]], people: list[UUID], owner_id: UUID) -> None:
    rows = [
        {"id": new_id(), "kind": ActivityKind(kind), "at": at, "body": body, "author_id": owner_id}
        for _, kind, body, at in lived
    ]
    links = [
        {"id": new_id(), "activity_id": row["id"], "kind": "contact", "record_id": people[number], "at": at}
        for row, (number, _, _, at) in zip(rows, lived, strict=True)
    ]
    bulk.insert_rows(Activity, rows)
    bulk.insert_rows(Link, links)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, _CHUNK)):
        yield chunk


def _schema_of(slug: str) -> str:
    with engines.provisioner() as connection:
        row = connection.execute("SELECT pg_schema FROM platform.tenants WHERE slug = %s", [slug]).fetchone()
    if row is None:
        raise LookupError(slug)
    return str(row[0])


def fill_floor(source: str) -> None:
    """Make the floor's tables from those of this schema."""
    text = _FLOOR.read_text().replace("__source__", source)
    with engines.provisioner() as connection:
        for statement in text.split(";\n"):
            if statement.strip():
                connection.execute(statement.encode())
        connection.execute("INSERT INTO floor.sessions VALUES (%s, 'Ada Owner')", [PROGRAM])


if __name__ == "__main__":
    main(SIZES[sys.argv[1]])
