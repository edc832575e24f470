"""The data folder of an embedded PostgreSQL: made whole or not at all, read by the version that made it."""

import os
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

from deploy.local import binaries, failures, tied
from deploy.local.failures import EmbeddedFailed

_NOBODY = 65534
_CAPABILITY = "+dac_override"
_FIRST_WITH_BUILTIN_LOCALE = 17


def ready_cluster(data: Path, *, durable: bool, major: str | None = None) -> binaries.Postgres:
    """The programs that fit the cluster in `data`, which is made when it is missing: by `major`, else by the newest."""
    version = data / "PG_VERSION"
    made_by = version.read_text().strip() if version.exists() else None
    found = binaries.find_postgres(major=made_by or major)
    if found is None:
        raise EmbeddedFailed(_none_found(data, made_by, major))
    if made_by is None:
        _make(data, found, durable=durable)
    return found


def unprivileged(*folders: Path) -> list[str]:
    """What to write before a command of PostgreSQL, which refuses root; it may then use the folders."""
    if os.geteuid() != 0:
        return []
    prefix, owner = _unprivileged()
    for folder in folders if owner else ():
        os.chown(folder, owner or -1, -1)
    return prefix


def explain(output: str, *, folder: Path) -> str:
    """One sentence for what a program wrote before it gave up."""
    known = failures.in_output(output, folder=folder)
    if known:
        return known
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line.lower()] or lines
    return f"The database in {folder} did not start: {telling[-1] if telling else 'it said nothing.'}"


def owners() -> set[int]:
    """Who may own the folders of a database that we start."""
    return {os.getuid(), _NOBODY} if os.getuid() == 0 else {os.getuid()}


def _none_found(data: Path, made_by: str | None, wanted: str | None) -> str:
    if made_by:
        return f"The data in {data} is of PostgreSQL {made_by}, which is not installed here."
    if wanted:
        return f"PostgreSQL {wanted} is not installed here."
    return f"No PostgreSQL {binaries.OLDEST_POSTGRES} or newer was found: install one or set PROVISIONER_URL."


def _make(data: Path, found: binaries.Postgres, *, durable: bool) -> None:
    """Build beside the final place and rename, so that an interrupted start leaves nothing half made."""
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    command = [*unprivileged(data.parent), *tied.to_us(signal.SIGTERM), found.program("initdb")]
    command += ["-D", str(new), "-U", "kontor", "--auth=trust", "--encoding=UTF8", "--no-instructions"]
    command += _locale(found.major) if durable else [*_locale(found.major), "--no-sync"]
    made = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=environment(),
        cwd="/",
        check=False,
    )
    if made.returncode:
        shutil.rmtree(new, ignore_errors=True)
        raise EmbeddedFailed(explain(made.stderr or made.stdout, folder=data.parent))
    new.rename(data)


def environment() -> dict[str, str]:
    """What a database's program may know: nothing of ours, no PG* variable of the person who starts it."""
    return {"PATH": os.defpath, "LC_ALL": _libc_locale(), "TZ": "UTC"}


def _locale(major: int) -> list[str]:
    # The same sorting on every machine; with the builtin provider a new libc cannot spoil an index.
    if major < _FIRST_WITH_BUILTIN_LOCALE:
        return [f"--locale={_libc_locale()}"]
    return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


def _libc_locale() -> str:
    return "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"


@cache
def _unprivileged() -> tuple[list[str], int | None]:
    """A prefix that takes root away, and the owner that files then need (None: they stay root's)."""
    apart = ["unshare", "--user", f"--map-user={_NOBODY}"]
    if _works(apart):
        return apart, None
    # Containers often forbid user namespaces. With one capability kept, nobody may pass root's folders; the
    # secure bit lets access() know of it too.
    lowered = ["setpriv", "--securebits=+no_setuid_fixup", f"--reuid={_NOBODY}"]
    lowered += [f"--inh-caps={_CAPABILITY}", f"--ambient-caps={_CAPABILITY}"]
    if _works(lowered):
        return lowered, _NOBODY
    raise EmbeddedFailed("PostgreSQL does not run as root: start as an ordinary user or set PROVISIONER_URL.")


def _works(prefix: list[str]) -> bool:
    try:
        return subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
