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
# A firm is called what it is called, whatever it is in law.
_LEGAL_FORMS = re.compile(
    r"ag|co|ek|ev|gbr|gmbh|inc|kg|kgaa|limited|llc|llp|ltd|mbh|ohg|plc|sarl|se|spa|srl|ug",
)
_MIN_PHONE_DIGITS = 3
_SHORTEST_MISTYPED, _LONGEST_MISTYPED = 4, 16
_LONGEST_QUERY = 100
_BARE_VOWEL = re.compile(r"[aou](?!e)")
_MOST_UMLAUTS = 2
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
    return [_forms(token) for token in _tokens(query) if _forms(token)]


def beginnings(query: str) -> list[str]:
    """How the sort key of a name may begin of which this is typed: as it is typed, and with one of its first vowels as
    the umlaut that a keyboard may lack.
    """
    typed = plain(query)
    places = [found.end() for found in _BARE_VOWEL.finditer(typed)] if query.isascii() else []
    return [typed, *(f"{typed[:place]}e{typed[place:]}" for place in places[:_MOST_UMLAUTS])]


def _tokens(query: str) -> list[str]:
    """The words of a query, without legal forms where anything else is asked for."""
    tokens = query.split()[:_MOST_TOKENS]
    names = [token for token in tokens if not _LEGAL_FORMS.fullmatch(plain(token).replace(".", ""))]
    return [token for token in names if any(map(str.isalnum, token))] or tokens


def mistyped(query: str) -> list[tuple[str, tuple[str, ...]]]:
    """For each word of a query, patterns for LIKE that forgive one slip: a letter too many, one missing, another
    one, or two that changed places, but never the first. Empty where no word is long enough to guess.
    """
    words = [word for token in _tokens(query.strip()[:_LONGEST_QUERY]) if (word := plain(token))]
    if not any(_may_be_mistyped(word) for word in words):
        return []
    return [(word, _slips(word) if _may_be_mistyped(word) else (_pattern(word),)) for word in words]


def _may_be_mistyped(word: str) -> bool:
    return word.isalpha() and len(word) >= _SHORTEST_MISTYPED


def _slips(word: str) -> tuple[str, ...]:
    gap = 2 if len(word) > _SHORTEST_MISTYPED else 1
    places = range(1, min(len(word), _LONGEST_MISTYPED) - gap + 1)
    return tuple(f"% {word[:place]}%{word[place + gap :]}%" for place in places)


def _forms(token: str) -> tuple[str, ...]:
    if token.isascii() and token.isdigit():
        return (_pattern(token.lstrip("0") or token),)
    forms = dict.fromkeys(form for form in _both(token) if any(c.isalnum() for c in form))
    return tuple(_pattern(form) for form in forms)


def _pattern(form: str) -> str:
    escaped = form.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
