"""Where the bytes of files lie: in a folder that all processes share, or in a bucket of a store that speaks S3.

A key is ``<tenant>/<file>``. Bytes under a key never change, so what was fetched from a bucket is kept on the disk of
this process's machine for a while.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from config import lazily
from config.settings import settings
from tenants.errors import NotFound, Unavailable

_TRIAL = b"Can be removed: Kontor has tried whether files can be kept here."


class FilesSilent(Unavailable):
    """The place where files are kept does not answer. Please try again in a few minutes."""

    code = "files_silent"


@dataclass(frozen=True, slots=True)
class Kept:
    """One file as its store knows it."""

    name: str
    size: int
    modified_at: datetime


class Store(Protocol):
    """What can be done with bytes. Every method raises FilesSilent where the store is away."""

    def place(self, key: str) -> Path:
        """Where new bytes are to be written on this machine, before ``keep``."""

    def keep(self, key: str) -> None:
        """What was written at ``place`` is complete."""

    def path(self, key: str) -> Path:
        """The bytes as a file on this machine. Raises NotFound."""

    def remove(self, key: str) -> None:
        """Done twice it is done once."""

    def listed(self, folder: str) -> Iterator[Kept]:
        """The files below ``<folder>/``, in any order."""

    def forget_fetched(self, *, before: datetime) -> None:
        """Remove what was fetched to this machine before then and can be fetched again."""

    def try_out(self) -> None:
        """Write, read and remove a few bytes that belong to nobody, with little patience."""


class Folder:
    """A folder that all processes share."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def place(self, key: str) -> Path:
        path = self._root / key
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def keep(self, key: str) -> None:
        """It lies where it belongs."""

    def path(self, key: str) -> Path:
        path = self._root / key
        if not path.exists():
            raise NotFound
        return path

    def remove(self, key: str) -> None:
        (self._root / key).unlink(missing_ok=True)

    def listed(self, folder: str) -> Iterator[Kept]:
        place = self._root / folder
        for path in place.iterdir() if place.is_dir() else ():
            try:
                seen = path.stat()
            except FileNotFoundError:
                # Removed meanwhile.
                continue
            yield Kept(path.name, seen.st_size, datetime.fromtimestamp(seen.st_mtime, UTC))

    def folders(self) -> Iterator[str]:
        yield from (path.name for path in self._root.iterdir() if path.is_dir()) if self._root.is_dir() else ()

    def forget_fetched(self, *, before: datetime) -> None:
        """Nothing was fetched."""

    def try_out(self) -> None:
        """The folder is made with the first file; until then whatever it will lie in is tried."""
        place = next(one for one in (self._root, *self._root.parents) if one.exists())
        try:
            with tempfile.TemporaryFile(dir=place) as file:
                file.write(_TRIAL)
                file.seek(0)
                _compare(file.read())
        except OSError as error:
            raise FilesSilent from error


class Bucket:
    """A bucket, below a prefix; keys and address of the store come from the usual AWS_* variables."""

    def __init__(self, url: str, *, nearby: Path) -> None:
        parts = urlsplit(url)
        self._prefix = parts.path.strip("/")
        self._nearby = Folder(nearby)
        self._bucket = parts.netloc
        self._obstore = lazily.module("obstore")
        self._store = self._opened(seconds=60, retries=2)

    def _opened(self, *, seconds: int, retries: int) -> Any:
        return lazily.module("obstore.store").S3Store(
            self._bucket,
            client_options={"connect_timeout": "5s", "timeout": f"{seconds}s", "allow_http": True},
            retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=20)},
        )

    def place(self, key: str) -> Path:
        return self._nearby.place(key)

    def keep(self, key: str) -> None:
        with self._nearby.path(key).open("rb") as stream:
            self._ask(self._obstore.put, self._name(key), stream)

    def path(self, key: str) -> Path:
        place = self._nearby.place(key)
        if not place.exists():
            self._fetch(key, place)
        return place

    def remove(self, key: str) -> None:
        self._ask(self._obstore.delete, self._name(key))
        self._nearby.remove(key)

    def listed(self, folder: str) -> Iterator[Kept]:
        for some in self._ask(self._obstore.list, self._name(folder) + "/"):
            for one in some:
                yield Kept(one["path"].rpartition("/")[2], one["size"], one["last_modified"])

    def forget_fetched(self, *, before: datetime) -> None:
        for folder in self._nearby.folders():
            for one in self._nearby.listed(folder):
                if one.modified_at < before:
                    self._nearby.remove(f"{folder}/{one.name}")

    def try_out(self) -> None:
        impatient, name = self._opened(seconds=5, retries=0), self._name(f"trial/{secrets.token_hex(8)}")
        self._ask(self._obstore.put, name, _TRIAL, of=impatient)
        try:
            _compare(self._ask(lambda *asked: self._obstore.get(*asked).bytes(), name, of=impatient).to_bytes())
        finally:
            self._ask(self._obstore.delete, name, of=impatient)

    def _fetch(self, key: str, place: Path) -> None:
        """Another process may fetch the same at the same time: each writes beside it and renames."""
        found = self._ask(self._obstore.get, self._name(key))
        handle, beside = tempfile.mkstemp(dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                for piece in found.stream():
                    out.write(piece)
            Path(beside).replace(place)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise

    def _name(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix else key

    def _ask(self, question: Any, *arguments: Any, of: Any = None) -> Any:
        try:
            return question(of or self._store, *arguments)
        except FileNotFoundError as error:
            raise NotFound from error
        except (lazily.module("obstore.exceptions").BaseError, OSError) as error:
            raise FilesSilent from error


def _compare(read: bytes) -> None:
    """Raises FilesSilent."""
    if read != _TRIAL:
        raise FilesSilent from OSError("What is read is not what was written.")


@cache
def store() -> Store:
    """The one of this process (FILES_URL)."""
    return opened(settings().files_url, nearby=settings().home / "fetched")


def opened(url: str, *, nearby: Path) -> Store:
    """A folder, or ``s3://bucket/prefix``, of which copies are kept nearby for a while."""
    return Bucket(url, nearby=nearby) if urlsplit(url).scheme == "s3" else Folder(Path(url))
