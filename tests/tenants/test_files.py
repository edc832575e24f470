from __future__ import annotations

import hashlib
import io
import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tenants import clock
from tenants.errors import NotFound
from tests.firms import Firm


def keep(firm: Firm, content: bytes, *, limit: int = 1000) -> UUID:
    from tenants import files

    with firm.work():
        return files.keep(io.BytesIO(content), name="../../etc/list.csv", limit=limit).id


def on_disk(firm: Firm) -> set[Path]:
    from config.settings import settings

    return {path for path in (settings().home / "files").rglob("*") if path.is_file()}


def test_a_file_is_kept_as_it_is_under_no_name_of_its_own(acme: Firm) -> None:
    from tenants import files

    file_id = keep(acme, b"content")

    with acme.work() as session:
        path, row = files.path_of(file_id), session.get_one(files.File, file_id)
        assert path.read_bytes() == b"content"
        assert path.name == str(file_id)
        assert (row.size, row.sha256) == (7, hashlib.sha256(b"content").hexdigest())


def test_what_is_too_large_leaves_nothing(acme: Firm) -> None:
    from tenants.files import FileTooLarge

    before = on_disk(acme)

    with pytest.raises(FileTooLarge):
        keep(acme, b"x" * 1001)

    assert on_disk(acme) == before


def test_another_firms_file_is_not_there(acme: Firm, globex: Firm) -> None:
    from tenants import files

    file_id = keep(acme, b"secret")

    with globex.work(), pytest.raises(NotFound):
        files.path_of(file_id)


def test_what_is_undone_leaves_no_bytes(acme: Firm) -> None:
    from tenants import db, files

    before = on_disk(acme)

    with pytest.raises(RuntimeError), acme.work():
        files.keep(io.BytesIO(b"content"), name="a.csv", limit=1000)
        raise RuntimeError
    with acme.work():
        files.keep(io.BytesIO(b"content"), name="b.csv", limit=1000)
        db.undo()

    assert on_disk(acme) == before


def test_bytes_of_a_process_that_died_are_swept_a_day_later(acme: Firm, globex: Firm) -> None:
    from tenants import files

    named, theirs = keep(acme, b"content"), keep(globex, b"content")
    with acme.work():
        folder = files.path_of(named).parent
    orphan, fresh = folder / str(uuid4()), folder / str(uuid4())
    for path in (orphan, fresh):
        path.write_bytes(b"left behind")
    two_days_ago = (clock.now() - timedelta(days=2)).timestamp()
    for path in (orphan, folder / str(named), folder.parent / str(globex.scope.tenant_id) / str(theirs)):
        os.utime(path, (two_days_ago, two_days_ago))

    with acme.app.app_context():
        removed = files.sweep()

    assert removed == 1
    assert not orphan.exists()
    assert fresh.exists()
    assert (folder / str(named)).exists()
    with globex.work():
        assert files.path_of(theirs).exists()


def test_a_row_whose_bytes_are_gone_takes_no_room_any_more_and_a_strange_name_stops_nothing(acme: Firm) -> None:
    from tenants import files, quotas

    lost, kept = keep(acme, b"lost"), keep(acme, b"kept")
    folder = next(path.parent for path in on_disk(acme) if path.name == str(lost))
    (folder / str(lost)).unlink()
    (folder / "copy of an administrator.bak").write_bytes(b"")

    clock.travel_with(lambda: timedelta(days=2))
    try:
        with acme.app.app_context():
            files.sweep()
    finally:
        clock.travel_with(timedelta)

    with acme.work() as session:
        assert session.get_one(files.File, lost).removed_at is not None
        assert session.get_one(files.File, kept).removed_at is None
        assert quotas.used() == 4
    (folder / "copy of an administrator.bak").unlink()
