"""What a process keeps on its disk is for its own user alone: folders 0700, files 0600."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private(home: Path) -> None:
    """From now on, and what an earlier version left open, too. Called when a process starts."""
    os.umask(_OF_OTHERS)
    for path in open_to_others(home):
        if path == home or path.is_dir():
            for inner in path.rglob("*"):
                _close(inner)
        _close(path)


def open_to_others(home: Path) -> list[Path]:
    """The folder and those directly in it that others may look into. What belongs to another user, as to a database
    that was started beside us, is not ours to close; then the folder itself has to stay open for that user.
    """
    own = [path for path in (home, *_inside(home)) if path.is_dir() and _is_ours(path)]
    must_stay = home if is_shared(home) else None
    return [path for path in own if path.stat().st_mode & _OF_OTHERS and path != must_stay]


def is_shared(home: Path) -> bool:
    """Whether something of another user lies directly in it."""
    return any(not _is_ours(path) for path in _inside(home))


def _inside(home: Path) -> Iterator[Path]:
    yield from home.iterdir() if home.is_dir() else ()


def _is_ours(path: Path) -> bool:
    return path.stat().st_uid == os.geteuid()


def _close(path: Path) -> None:
    """One that was removed meanwhile, or that is another user's, is passed over."""
    try:
        if _is_ours(path) and not path.is_symlink():
            path.chmod(path.stat().st_mode & ~_OF_OTHERS)
    except FileNotFoundError:
        return
