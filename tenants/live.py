"""What has changed, told at once to whoever has it open: after the commit, through Redis, ids only, never contents.

Nothing depends on a hint: without Redis pages are as fresh as when they were opened.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, Never
from uuid import UUID

import redis.asyncio
from redis import Redis, RedisError
from sqlalchemy import Row, any_, event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, attributes
from structlog import get_logger

from config.settings import settings
from tenants import clock, memory
from tenants.context import current_scope
from tenants.db import (
    PlatformNotes,
    PlatformSession,
    TenantModel,
    TenantSession,
    Versioned,
    db,
    if_undone,
    platform_reading,
)
from tenants.models import Identity, LoginSession, Membership, Tenant, TenantStatus

log = get_logger()

CHANNEL = "kontor:live"
MOST_RECORDS = 200
"""More at once are an import: what changes so much is not looked at line by line."""

_LONGEST_PAUSE = 30.0
_ACCESS: dict[type, frozenset[str]] = {
    LoginSession: frozenset({"token_hash", "identity_id", "expires_at", "second_factor"}),
    Membership: frozenset({"tenant_id", "identity_id", "role", "active"}),
    Identity: frozenset(),
    Tenant: frozenset({"slug", "status", "second_factor_for"}),
}
"""Rows that say who may listen, and which columns of them do. That one is gone always matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    tenant_id: str = ""
    """Empty: who may listen may have changed."""

    records: Mapping[str, int | None] = field(default_factory=dict)
    """By id, the new version where the record itself changed; None where something beside it did."""

    users: Sequence[str] = ()
    """Ids of those for whom there is something new, or no longer, at the bell."""

    lists: Mapping[str, int | None] = field(default_factory=dict)
    """By table, how many records that people see in lists have come, changed or gone; None: some."""


def init_app() -> None:
    """Derive the hints from what sessions save, so that no feature has to remember them."""
    if not event.contains(TenantSession, "after_flush", _note_records):
        event.listen(TenantSession, "after_flush", _note_records)
        event.listen(TenantSession, "do_orm_execute", _note_many)
        event.listen(PlatformSession, "after_flush", _note_access)
        event.listen(PlatformSession, "do_orm_execute", _note_statement)
        event.listen(PlatformSession, "after_commit", _tell_access)


@dataclass(slots=True)
class _Noted:
    """What a unit of work has changed so far."""

    records: dict[str, int | None] = field(default_factory=dict)
    lists: dict[str, int | None] = field(default_factory=dict)


def hint(record_id: UUID, version: int | None = None) -> None:
    """Say that a record has changed, once this unit of work is saved; for changes made past the session."""
    records = _noted().records
    records[str(record_id)] = version if version is not None else records.get(str(record_id))


def hint_list(table: str, records: int | None) -> None:
    """Say that so many records of a list, or some, have come, changed or gone; for changes made past the session."""
    lists = _noted().lists
    before = lists.get(table, 0)
    lists[table] = None if records is None or before is None else before + records


def _noted() -> _Noted:
    info = db.session().info
    if "hints" not in info:
        info["hints"] = noted = _Noted()
        tenant_id = str(current_scope().tenant_id)
        memory.later(partial(_tell, info=info, tenant_id=tenant_id, noted=noted))
        if_undone(lambda: info.pop("hints", None))
    found: _Noted = info["hints"]
    return found


def call(user_ids: Collection[UUID]) -> None:
    """Say that the bells of these users count anew, once this unit of work is saved."""
    hint = Hint(tenant_id=str(current_scope().tenant_id), users=[str(user_id) for user_id in user_ids])
    memory.later(partial(_publish, hint=hint))


def _note_records(session: Session, _flush: UOWTransaction) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, TenantModel) and (row not in session.dirty or session.is_modified(row)):
            hint(row.id, getattr(row, "version", None))
            if isinstance(row, Versioned):
                hint_list(row.__tablename__, 1)
            # Whatever it names, as a contact point its contact, looks different now.
            for named in _named(row):
                hint(named)


def _named(row: TenantModel) -> list[UUID]:
    state = inspect(row)
    return [value for name, value in state.dict.items() if name != "id" and isinstance(value, UUID)]


def _note_many(state: ORMExecuteState) -> None:
    """Statements that change many records at once say only that some have changed."""
    mapper = state.bind_mapper
    if (state.is_update or state.is_insert) and mapper is not None and issubclass(mapper.class_, Versioned):
        hint_list(mapper.class_.__tablename__, None)


def _tell(redis: Redis, info: MutableMapping[Any, Any], tenant_id: str, noted: _Noted) -> None:
    info.pop("hints", None)
    records = noted.records if len(noted.records) <= MOST_RECORDS else {}
    if records or noted.lists:
        _publish(redis, Hint(tenant_id=tenant_id, records=records, lists=noted.lists))


def _note_access(session: Session, _flush: UOWTransaction) -> None:
    gone = any(type(row) in _ACCESS for row in session.deleted)
    if gone or any(_changes_access(row) for row in session.dirty):
        session.info["access"] = True


def _changes_access(row: object) -> bool:
    columns = _ACCESS.get(type(row), ())
    return any(attributes.get_history(row, column).has_changes() for column in columns)


def _note_statement(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    if (state.is_update or state.is_delete) and mapper is not None and mapper.class_ in _ACCESS:
        state.session.info["access"] = True


def _tell_access(session: Session) -> None:
    if session.info.pop("access", False) and not isinstance(session, PlatformNotes):
        publish(Hint())


def publish(hint: Hint) -> None:
    memory.tell_all([partial(_publish, hint=hint)])


def _publish(redis: Redis, hint: Hint) -> None:
    told = {
        "tenant": hint.tenant_id,
        "records": dict(hint.records),
        "lists": dict(hint.lists),
        "users": list(hint.users),
    }
    redis.publish(CHANNEL, json.dumps(told))


async def listen(heard: Callable[[Hint], None], *, missed: Callable[[], None]) -> Never:
    """Hear every hint, for ever. ``missed`` is called whenever some may have been lost meanwhile."""
    pause = 1.0
    while True:
        try:
            async with _listener() as listener, listener.pubsub() as channel:
                await channel.subscribe(CHANNEL)
                missed()
                async for message in channel.listen():
                    pause = 1.0
                    if message["type"] == "message" and (hint := _understood(message["data"])):
                        heard(hint)
        except (RedisError, OSError) as error:
            log.warning("live.not_heard", error=type(error).__name__)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _listener() -> Any:
    return redis.asyncio.Redis.from_url(settings().redis_url, socket_connect_timeout=3, health_check_interval=15)


def _understood(data: bytes) -> Hint | None:
    try:
        told = json.loads(data)
        # A web process of the version before names no lists and no users.
        beside = {"lists": told.get("lists", {}), "users": told.get("users", ())}
        return Hint(tenant_id=told["tenant"], records=told["records"], **beside)
    except (ValueError, TypeError, KeyError):
        log.warning("live.not_understood")
        return None


Knock = tuple[bytes, str]
"""(digest of the token of a login, slug of the tenant)"""


class Guest(NamedTuple):
    """Who listens."""

    tenant_id: str
    user_id: str
    identity_id: str
    role: str


_WELCOME = (
    select(
        LoginSession.token_hash,
        LoginSession.identity_id,
        Tenant.slug,
        Tenant.id,
        Membership.user_id.label("user_id"),
        Membership.role,
    )
    .join(Membership, Membership.identity_id == LoginSession.identity_id)
    .join(Tenant, Tenant.id == Membership.tenant_id)
    .where(
        Membership.active,
        Tenant.status == TenantStatus.OPEN,
        LoginSession.second_factor | ~(Membership.role == any_(Tenant.second_factor_for)),
    )
)


def welcome(knocks: Collection[Knock]) -> Mapping[Knock, Guest]:
    """Of these, those who are active users of an open tenant at present; one statement for all."""
    query = _WELCOME.where(
        LoginSession.token_hash.in_({token for token, _ in knocks}),
        Tenant.slug.in_({slug for _, slug in knocks}),
        LoginSession.expires_at > clock.now(),
    )
    with platform_reading() as session:
        found = {(row.token_hash, row.slug): _guest(row) for row in session.execute(query)}
    return {knock: found[knock] for knock in knocks if knock in found}


def _guest(row: Row[*tuple[Any, ...]]) -> Guest:
    return Guest(str(row.id), str(row.user_id), str(row.identity_id), row.role)
