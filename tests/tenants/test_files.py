from __future__ import annotations

import hashlib
import io
from pathlib import Path
from uuid import UUID

import pytest

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
