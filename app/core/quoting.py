"""Names in mails: what people call themselves, their firm or a record is never a link, a line or a heading of ours.

Programs that show mails make links of whatever looks like an address, so a name that holds one is broken up.
"""

from __future__ import annotations

import re
import unicodedata

from flask_babel import gettext

MOST = 80
"""Characters; of longer names the beginning is said."""

_SCHEME = re.compile(r"\s*:?\s*//+\s*|\\{2,}")
_DOT = re.compile(r"(?<=\w)[.\u3002\uff0e\uff61\u2024](?=\w)")
_AT = re.compile(r"(?<=\w)[@\uff20\ufe6b](?=\w)")
_QUOTES = str.maketrans(dict.fromkeys('"“”„‟«»', "'"))
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
"""Control, formatting (direction of writing, zero width), private, unassigned; separators of lines."""

_LINK = re.compile(r"//|\bwww\.|\bhttps?:", re.IGNORECASE)


def plain(text: str) -> str:
    """On one line, without what changes the direction of writing, and with nothing that becomes a link."""
    seen = "".join(" " if unicodedata.category(one) in _UNSEEN else one for one in text)
    broken = _AT.sub(" @ ", _DOT.sub(_spaced, _SCHEME.sub(": ", seen)))
    found = " ".join(broken.split())
    return found if len(found) <= MOST else f"{found[: MOST - 1].rstrip()}…"


def _spaced(dot: re.Match[str]) -> str:
    """A number keeps its dot: 1.5 leads nowhere."""
    before, after = dot.string[dot.start() - 1], dot.string[dot.end()]
    return "." if before.isdigit() and after.isdigit() else ". "


def quoted(text: str) -> str:
    """The same between the quotation marks of the reader's language."""
    return gettext("“%(name)s”", name=plain(text).translate(_QUOTES))


def holds_link(text: str) -> bool:
    return bool(_LINK.search(text))
