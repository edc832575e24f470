"""The file: a ZIP with a manifest, the firm's people, a binary copy of each of its tables, and the bytes of its files.

    manifest.json       what is in it, with the SHA-256 of every part
    manifest.sha256     of the manifest itself
    people.json         who works there
    tables/<name>       COPY ... (FORMAT binary)
    files/<id>          as they lie in the store

A part that is missing, added or changed by a single bit is noticed before anything is done with the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from tenants.errors import Invalid

FORMAT = 1
_MANIFEST, _SEAL, _PEOPLE = "manifest.json", "manifest.sha256", "people.json"
_MOST_JSON = 256 << 20
"""Bytes of a manifest or of a list of people; more was not written by us."""

_PIECE = 1 << 20
_LEVEL = 1
"""Of compression: a third of the size at a tenth of the time that the next levels take."""

_UNREADABLE = (BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, NotImplementedError, RuntimeError)


class DamagedBackup(Invalid):
    """This file is no complete backup of an account, or it was changed: %(reason)s. Nothing was done with it."""

    code = "damaged_backup"


class BackupTooNew(Invalid):
    """This backup was made by a newer version of the program. Please update first."""

    code = "backup_too_new"


def digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    name: str
    columns: Mapping[str, str]
    """By name, the type. What the database computes itself is not among them."""

    rows: int
    content: str
    """Sum of the SHA-256 of all rows, modulo 2**256: the same in whatever order they lie."""

    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    id: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    made_at: str
    """ISO 8601, in UTC: the moment of which everything is told."""

    revision: str
    """The migration at which the schema stood."""

    firm: Mapping[str, Any]
    """Columns of its row in the directory: id, slug, name, locale, country, timezone, logo_id."""

    people: str
    """SHA-256 of people.json."""

    tables: Sequence[Table]
    files: Sequence[File]
    missing: Sequence[str] = ()
    """Files of which there is a row and no bytes were found any more."""

    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def bytes_of_files(self) -> int:
        return sum(file.size for file in self.files)

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Raises BackupTooNew, and whatever JSON and mismatching names raise."""
        found = json.loads(text)
        if found["format"] > FORMAT:
            raise BackupTooNew
        tables = [Table(**one) for one in found.pop("tables")]
        return cls(tables=tables, files=[File(**one) for one in found.pop("files")], **found)


class Part:
    """Takes what is written, and knows how much it was and what it hashes to."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        self._digest.update(piece)
        self._out.write(piece)
        self.size += len(piece)


class Writer:
    def __init__(self, packed: ZipFile) -> None:
        self._zip = packed

    @contextmanager
    def table(self, name: str) -> Iterator[Part]:
        with self._zip.open(f"tables/{name}", "w", force_zip64=True) as out:
            yield Part(out)

    @contextmanager
    def file(self, file_id: str) -> Iterator[Part]:
        """As it is: pictures and documents do not become smaller."""
        with self._zip.open(ZipInfo(f"files/{file_id}"), "w", force_zip64=True) as out:
            yield Part(out)

    def people(self, people: Sequence[Mapping[str, Any]]) -> str:
        """Answers the SHA-256."""
        text = json.dumps(people, ensure_ascii=False).encode()
        self._zip.writestr(_PEOPLE, text)
        return digest(text)

    def finish(self, manifest: Manifest) -> None:
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
        self._zip.writestr(_MANIFEST, text)
        self._zip.writestr(_SEAL, digest(text))


@contextmanager
def writing(to: Path) -> Iterator[Writer]:
    """It is there under its name once it is whole and on the disk, and for nobody but us to read."""
    beside = to.with_name(f"{to.name}.part")
    try:
        with _private(beside) as out:
            with ZipFile(out, "w", compression=ZIP_DEFLATED, compresslevel=_LEVEL) as packed:
                yield Writer(packed)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(to)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")


class Archive:
    """A backup that was read once from end to end and is whole."""

    def __init__(self, packed: ZipFile, manifest: Manifest, people: Sequence[Mapping[str, Any]]) -> None:
        self._zip = packed
        self.manifest = manifest
        self.people = people

    def table(self, name: str) -> IO[bytes]:
        return self._zip.open(f"tables/{name}")

    def file(self, file_id: str) -> IO[bytes]:
        return self._zip.open(f"files/{file_id}")


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Raises DamagedBackup, BackupTooNew; OSError where there is no such file."""
    with path.open("rb") as stream:
        yield _checked(stream)


def _checked(stream: IO[bytes]) -> Archive:
    try:
        packed = ZipFile(stream)
        manifest = _manifest(packed)
        _compare(packed, manifest)
        return Archive(packed, manifest, json.loads(packed.read(_PEOPLE)))
    except _UNREADABLE as error:
        raise DamagedBackup(reason=str(error).strip("'\"") or type(error).__name__) from error


def _manifest(packed: ZipFile) -> Manifest:
    for name in (_MANIFEST, _SEAL, _PEOPLE):
        if packed.getinfo(name).file_size > _MOST_JSON:
            raise BadZipFile(f"{name} is too large")
    text = packed.read(_MANIFEST)
    if digest(text).encode() != packed.read(_SEAL):
        raise BadZipFile("the manifest was changed")
    return Manifest.read(text)


def _compare(packed: ZipFile, manifest: Manifest) -> None:
    wanted = {_PEOPLE: manifest.people}
    wanted |= {f"tables/{table.name}": table.sha256 for table in manifest.tables}
    wanted |= {f"files/{file.id}": file.sha256 for file in manifest.files}
    names = [info.filename for info in packed.infolist()]
    if sorted(names) != sorted([*wanted, _MANIFEST, _SEAL]):
        raise BadZipFile("parts are missing, or there are others")
    for name, sha256 in wanted.items():
        if packed.getinfo(name).compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise BadZipFile(f"{name} is packed in another way")
        if _digest_of(packed, name) != sha256:
            raise BadZipFile(f"{name} was changed")


def _digest_of(packed: ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with packed.open(name) as part:
        while piece := part.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
