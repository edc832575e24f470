"""Files of one tenant: the row first, the bytes at ``<home>/files/<tenant>/<id>``, their SHA-256 kept."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import IO
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from config.settings import settings
from tenants.context import current_scope
from tenants.db import TenantModel, after_commit, db, new_id
from tenants.errors import Invalid, NotFound

_PIECE = 1 << 20


class FileTooLarge(Invalid):
    """The file is too large."""

    code = "file_too_large"


class File(TenantModel):
    __tablename__ = "files"

    name: Mapped[str]
    """As the person's computer called it; never part of a path."""

    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]


def keep(stream: IO[bytes], *, name: str, limit: int) -> File:
    """Store a stream as a file of the current tenant.

    Raises FileTooLarge beyond ``limit`` bytes; nothing is left of it then.
    """
    row = File(id=new_id(), name=name[:200], size=0, sha256="")
    path = _path(row.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        row.size, row.sha256 = _write(stream, path, limit=limit)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    db.session.add(row)
    db.session.flush()
    return row


def path_of(file_id: UUID) -> Path:
    """Where the bytes of one of the current tenant's files are.

    Raises NotFound, also for another tenant's file.
    """
    if db.session.get(File, file_id) is None:
        raise NotFound
    return _path(file_id)


def forget(file_id: UUID) -> None:
    """Remove the bytes once this unit of work is saved; the row stays and says what there was."""
    after_commit(partial(_path(file_id).unlink, missing_ok=True))


def _path(file_id: UUID) -> Path:
    return settings().home / "files" / str(current_scope().tenant_id) / str(file_id)


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
