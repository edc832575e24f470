"""Files of one tenant: the row first, the bytes under ``<tenant>/<id>`` (tenants/filestores.py), their SHA-256 kept.

Bytes without a row go with the unit of work that is undone; those of a process that died, with the next sweep.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO
from uuid import UUID

from sqlalchemy import BigInteger, select, update
from sqlalchemy.orm import Mapped, mapped_column
from structlog import get_logger

from tenants import clock, everywhere, filestores
from tenants.context import Scope, current_scope
from tenants.db import TenantModel, after_commit, db, if_undone, new_id
from tenants.errors import Invalid, NotFound
from tenants.models import Tenant

log = get_logger()

_PIECE = 1 << 20
_PATIENCE = timedelta(days=1)
"""No unit of work lasts so long, so bytes that are older and have no row will never get one."""

_AT_ONCE = 1000
_NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What else lies there, as an administrator's copy, is not ours to remove."""


class FileTooLarge(Invalid):
    """The file is too large."""

    code = "file_too_large"


class File(TenantModel):
    __tablename__ = "files"

    name: Mapped[str]
    """As the person's computer called it; never part of a path."""

    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    removed_at: Mapped[datetime | None]
    """When its bytes went; the row says what there was."""


def keep(stream: IO[bytes], *, name: str, limit: int) -> File:
    """Store a stream as a file of the current tenant.

    Raises FileTooLarge beyond ``limit`` bytes, FilesSilent; nothing is left of it then.
    """
    row = File(id=new_id(), name=name[:200], size=0, sha256="")
    key, store = _key(row.id), filestores.store()
    path = store.place(key)
    try:
        row.size, row.sha256 = _write(stream, path, limit=limit)
        store.keep(key)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    if_undone(partial(store.remove, key))
    db.session.add(row)
    db.session.flush()
    return row


def path_of(file_id: UUID) -> Path:
    """Where the bytes of one of the current tenant's files are on this machine.

    Raises NotFound, also for another tenant's file, and FilesSilent.
    """
    if db.session.get(File, file_id) is None:
        raise NotFound
    return filestores.store().path(_key(file_id))


def forget(file_id: UUID) -> None:
    """Remove the bytes once this unit of work is saved; the row stays and says what there was."""
    gone = update(File).where(File.id == file_id, File.removed_at.is_(None)).values(removed_at=clock.now())
    db.session.execute(gone)
    after_commit(partial(filestores.store().remove, _key(file_id)))


def stored(scope: Scope) -> int:
    """How many bytes the files of a tenant take at present."""
    return sum(one.size for one in filestores.store().listed(_folder(scope)))


def sweep() -> int:
    """Remove bytes that belong to no row, and note which rows have lost theirs, of all open tenants; answers how many
    files were removed.
    """
    filestores.store().forget_fetched(before=clock.now() - _PATIENCE)
    return sum(everywhere.for_each_tenant("orphaned files", _sweep).values())


def _sweep(tenant: Tenant) -> int:
    scope, removed = tenant.scope(), 0
    _note_what_is_gone(scope)
    for some in _old_ones(_folder(scope)):
        with everywhere.inside(scope) as session:
            known = set(session.scalars(select(File.id).where(File.id.in_(some))))
        orphans = [file_id for file_id in some if file_id not in known]
        for file_id in orphans:
            filestores.store().remove(f"{_folder(scope)}/{file_id}")
        removed += len(orphans)
    return removed


def _note_what_is_gone(scope: Scope) -> None:
    """A process that died between its commit and the removal of bytes was noted; one that lost bytes is told of.

    Where nothing at all is found, the place is not there rather than all of it lost.
    """
    found = {one.name for one in filestores.store().listed(_folder(scope))}
    kept = File.removed_at.is_(None), File.created_at < clock.now() - _PATIENCE
    with everywhere.inside(scope) as session:
        gone = [file_id for file_id in session.scalars(select(File.id).where(*kept)) if str(file_id) not in found]
        if gone:
            log.warning("files.bytes_missing", tenant=str(scope.tenant_id), files=len(gone))
        if found and gone:
            session.execute(update(File).where(File.id.in_(gone)).values(removed_at=clock.now()))


def _old_ones(folder: str) -> Iterator[Sequence[UUID]]:
    """The names of files that have lain there for long, some at a time."""
    until = clock.now() - _PATIENCE
    old = (one.name for one in filestores.store().listed(folder) if one.modified_at < until)
    for some in _batches(name for name in old if _NAME.fullmatch(name)):
        yield [UUID(name) for name in some]


def _batches(names: Iterable[str]) -> Iterator[Sequence[str]]:
    left = iter(names)
    while some := list(islice(left, _AT_ONCE)):
        yield some


def _key(file_id: UUID) -> str:
    return f"{_folder(current_scope())}/{file_id}"


def _folder(scope: Scope) -> str:
    return str(scope.tenant_id)


def _write(stream: IO[bytes], path: Path, *, limit: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with path.open("xb") as out:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > limit:
                raise FileTooLarge
            digest.update(piece)
            out.write(piece)
    return size, digest.hexdigest()
