"""How names, phones and addresses are compared: plain ASCII, computed here, stored beside the record.

Umlauts are written out (ä = ae, DIN 5007-2, as in a telephone book); a second form without them is kept for
search.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_WRITTEN_OUT = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "ø": "oe",
        "å": "aa",
        "œ": "oe",
        "ł": "l",
        "ı": "i",
        "đ": "d",
        "þ": "th",
    }
)
_SIMPLE = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "å": "a", "œ": "oe", "ł": "l", "ı": "i", "đ": "d", "þ": "th"})
_NOT_SEARCHABLE = re.compile(r"[^a-z0-9@.+_&-]+")
_PHONE_LIKE = re.compile(r"[0-9\s()/+.\-–]+")
_MIN_PHONE_DIGITS = 3
_LONGEST_QUERY = 100
_MOST_TOKENS = 6


def plain(text: str) -> str:
    """Lower case ASCII with umlauts written out: the form in which names are sorted and compared."""
    return _ascii(text.lower(), _WRITTEN_OUT)


def simple(text: str) -> str:
    """Lower case ASCII with umlauts bare: as people without the key on their keyboard type."""
    return _ascii(text.lower(), _SIMPLE)


def _ascii(text: str, written: Mapping[int, str]) -> str:
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text.translate(written))
        text = "".join(c for c in apart if not unicodedata.combining(c))
    return _NOT_SEARCHABLE.sub(" ", text).strip()


def sort_key(*words: str) -> str:
    return plain(" ".join(words))[:200]


def search_text(words: Iterable[str]) -> str:
    """All the words by which a record is found, in both forms, with a blank before and behind each."""
    found: dict[str, None] = {}
    for word in words:
        for form in _both(word):
            if form:
                found[form] = None
    return f" {' '.join(found)} "


def _both(word: str) -> tuple[str, ...]:
    """Most words have no umlaut, and so only one form."""
    return (plain(word),) if word.isascii() else (plain(word), simple(word))


def digits(phone: str) -> str:
    """The digits of a telephone number in any notation, without the zeros that are only dialled inside a
    country.
    """
    international = phone.replace("(0)", "")
    return re.sub(r"[^0-9]", "", international).lstrip("0")


def patterns(query: str) -> list[tuple[str, ...]]:
    """What a query asks for: every one of these must be found, each in one of its forms, as patterns for
    LIKE.
    """
    query = query.strip()[:_LONGEST_QUERY]
    number = digits(query)
    if _PHONE_LIKE.fullmatch(query) and len(number) >= _MIN_PHONE_DIGITS:
        return [(_pattern(number),)]
    return [_forms(token) for token in query.split()[:_MOST_TOKENS] if _forms(token)]


def _forms(token: str) -> tuple[str, ...]:
    if token.isascii() and token.isdigit():
        return (_pattern(token.lstrip("0") or token),)
    forms = dict.fromkeys(form for form in _both(token) if any(c.isalnum() for c in form))
    return tuple(_pattern(form) for form in forms)


def _pattern(form: str) -> str:
    escaped = form.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
