"""Where to go next: only ever a place of our own."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit


def own_path(wanted: str | None) -> str | None:
    """The wanted address if it is a path of this site; a link may not use us to lead elsewhere.

    Browsers read a backslash as a slash and skip control characters: "/\\evil" and "/<tab>/evil" lead away.
    """
    if wanted is None or not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted:
        return None
    if any(unicodedata.category(character) == "Cc" for character in wanted):
        return None
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return None
    return wanted if not parts.scheme and not parts.netloc else None
