"""Every night each firm is backed up to a place of its own (BACKUPS_URL), and old backups go (BACKUPS_KEPT_DAYS)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import or_, select, update

from config.settings import settings
from tenants import clock, filestores, registry
from tenants.backup import export
from tenants.backup.tables import Tell
from tenants.db import platform_reading, platform_work
from tenants.errors import Conflict, NotFound
from tenants.filestores import Kept, Store
from tenants.isolation import Isolated
from tenants.models import Tenant, TenantStatus

_SUFFIX = ".kontor"
_UNFINISHED = timedelta(days=1)
"""What was begun longer ago, and has no end, was killed."""


class NoPlaceForBackups(Conflict):
    """There is no place for backups. Please set BACKUPS_URL, or name a file."""

    code = "no_place_for_backups"


class NoBackup(NotFound):
    """There is no such backup of this account."""

    code = "no_backup"


def place() -> Store:
    """Raises NoPlaceForBackups."""
    url = settings().backups_url
    if url is None:
        raise NoPlaceForBackups
    return _opened(url)


@cache
def _opened(url: str) -> Store:
    return filestores.opened(url, nearby=settings().home / "backups")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    taken: Sequence[UUID]
    failed: Mapping[str, str]
    """By the id of a firm, why."""

    def __str__(self) -> str:
        failures = "".join(f"\n{one} was not backed up: {why}" for one, why in self.failed.items())
        return f"{len(self.taken)} firms were backed up.{failures}"


def take_due() -> int:
    """Of all firms that have none of this night yet; answers how many were backed up. To be called again and again."""
    if settings().backups_url is None:
        return 0
    due = clock.now().replace(hour=settings().backup_hour, minute=0, second=0, microsecond=0)
    if clock.now() < due:
        due -= timedelta(days=1)
    return len(_take(_firms(before=due), tell=_silently).taken)


def take_all(*, tell: Tell) -> Taken:
    """Of all firms, now. One that fails holds up no other.

    Raises NoPlaceForBackups.
    """
    place()
    return _take(_firms(before=clock.now()), tell=tell)


def _take(firms: Iterator[Tenant], *, tell: Tell) -> Taken:
    taken: list[UUID] = []
    failed: dict[str, str] = {}
    for tenant in firms:
        with Isolated("backup", tenant=str(tenant.id)) as one:
            name = take(tenant.id, tell=_silently)
            tell(f"{tenant.slug}: {name}")
            taken.append(tenant.id)
        if one.error is not None:
            failed[str(tenant.id)] = f"{type(one.error).__name__}: {one.error}"
    return Taken(taken=taken, failed=failed)


def _silently(_line: str) -> None:
    """Nobody looks on."""


def take(tenant_id: UUID, *, tell: Tell) -> str:
    """One more of a firm; answers its name.

    Raises NoPlaceForBackups, NothingToKeep, FilesSilent, OSError, psycopg.Error.
    """
    now, store = clock.now(), place()
    name = f"{now:%Y-%m-%dT%H%M%SZ}{_SUFFIX}"
    key = f"{tenant_id}/{name}"
    export.write(tenant_id, store.place(key), tell=tell)
    store.keep(key)
    # What was sent to a bucket need not lie on this machine, too.
    store.forget_fetched(before=now + _UNFINISHED)
    with platform_work() as session:
        session.execute(update(Tenant).where(Tenant.id == tenant_id).values(backed_up_at=now))
    return name


def _firms(*, before: datetime) -> Iterator[Tenant]:
    """Those that belong to somebody and whose last backup is older than this."""
    for tenant in registry.every_tenant():
        if tenant.status is not TenantStatus.STOCK and (tenant.backed_up_at is None or tenant.backed_up_at < before):
            yield tenant


def listed(tenant_id: UUID) -> Sequence[Kept]:
    """Its backups, the newest first.

    Raises NoPlaceForBackups, FilesSilent.
    """
    found = (one for one in place().listed(str(tenant_id)) if one.name.endswith(_SUFFIX))
    return sorted(found, key=lambda one: one.name, reverse=True)


def path_of(tenant_id: UUID, name: str | None) -> Path:
    """One of them on this machine, the newest if none is named.

    Raises NoBackup, NoPlaceForBackups, FilesSilent.
    """
    names = [one.name for one in listed(tenant_id)]
    wanted = name or next(iter(names), None)
    if wanted not in names:
        raise NoBackup
    return place().path(f"{tenant_id}/{wanted}")


def forget_old() -> int:
    """Those that are older than they are kept, but for the last one of each firm that is not erased; answers how many
    went. Unfinished ones go after a day.
    """
    if settings().backups_url is None:
        return 0
    until, gone = clock.now() - timedelta(days=settings().backups_kept_days), 0
    for tenant_id, is_erased in _owners(since=until - _UNFINISHED):
        with Isolated("old backups", tenant=str(tenant_id)):
            gone += _forget_old(tenant_id, until=until, keep_last=not is_erased)
    return gone


def _owners(*, since: datetime) -> Sequence[tuple[UUID, bool]]:
    """(id, whether it was erased) of those that may have backups."""
    is_there = or_(Tenant.erased_at.is_(None), Tenant.erased_at > since)
    query = select(Tenant.id, Tenant.erased_at).where(Tenant.backed_up_at.is_not(None), is_there)
    with platform_reading() as session:
        return [(row.id, row.erased_at is not None) for row in session.execute(query)]


def _forget_old(tenant_id: UUID, *, until: datetime, keep_last: bool) -> int:
    backups, store = listed(tenant_id), place()
    old = [one for one in backups[1 if keep_last else 0 :] if one.modified_at < until]
    begun = until + timedelta(days=settings().backups_kept_days) - _UNFINISHED
    unfinished = (one for one in store.listed(str(tenant_id)) if not one.name.endswith(_SUFFIX))
    for one in [*old, *(one for one in unfinished if one.modified_at < begun)]:
        store.remove(f"{tenant_id}/{one.name}")
    return len(old)
