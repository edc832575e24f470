"""Why something cannot start, said in one sentence to the person who started it."""

import errno
import shutil
from contextlib import suppress
from pathlib import Path


class CannotStart(Exception):
    """The text is one whole sentence; nothing half done is left behind."""


class EmbeddedFailed(CannotStart):
    """An embedded database cannot run here."""


def prepare_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, or see whether the one that is there can be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedFailed(of_folder(folder, error)) from error
    check_writable(folder)


def check_writable(folder: Path) -> None:
    probe = folder / ".probe"
    try:
        # Some bytes: a full file system still makes empty files.
        probe.write_bytes(bytes(8192))
        probe.unlink()
    except OSError as error:
        with suppress(OSError):
            probe.unlink()
        raise EmbeddedFailed(of_folder(folder, error)) from error


def check_room(folder: Path, *, megabytes: int, purpose: str) -> None:
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < megabytes:
        raise EmbeddedFailed(f"There is no space: {folder} has {free} MB left, {purpose} {megabytes}.")


def of_folder(folder: Path, error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"No space is left for the folder {folder}."
        case errno.EROFS:
            return f"The folder {folder} is on a read-only file system."
        case errno.EACCES | errno.EPERM:
            return f"The folder {folder} may not be written by this user."
        case errno.ENOTDIR | errno.EEXIST:
            return f"{folder} cannot be a folder: there is a file in its way."
    return f"The folder {folder} cannot be used: {error.strerror}."


def in_output(output: str, *, folder: Path) -> str | None:
    """A known reason in what a program wrote before it gave up."""
    signs = {
        errno.ENOSPC: ("No space left on device", "ENOSPC", "os error 28"),
        errno.EDQUOT: ("Disk quota exceeded", "EDQUOT", "os error 122"),
        errno.EROFS: ("Read-only file system", "EROFS", "os error 30"),
    }
    for number, words in signs.items():
        if any(word in output for word in words):
            return of_folder(folder, OSError(number, words[0]))
    return None
