"""How hard a password is to guess, by the words and patterns that people use (zxcvbn).

Measured: the package takes 14 MB, and 0.1 s when the first password of a process is judged; then 2 to 7 ms, at most
0.3 s for what was made to be slow. It is loaded only where a password is set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from config import lazily

LENGTH = range(10, 201)
_ENOUGH = 3
"""Of the scores 0 to 4: more than 100 million guesses."""

_READ = 72
"""Characters that are judged: the work grows with the square of the length."""

_SHORTEST_WORD = 3
_FEWEST_LEFT = 7
_MASKS_LEFT = 3
_MASKS = frozenset("4@8({[<36901!|7$5+%2")
_NO_MASKS = "~^*_=?;:#&\"'`,.-/)}]>"

_GUESSED_FIRST = """
kontor passwort kennwort geheim hallo willkommen schatz liebe ich du dich mich mein meine dein deine bin bist
und der die das sommer winter herbst frühling fruehling sonne mond stern engel hase maus katze hund mutter
vater oma opa kinder familie freund freundin fussball fußball schalke dortmund bayern berlin hamburg münchen
muenchen köln koeln frankfurt stuttgart deutschland österreich oesterreich schweiz firma büro buero arbeit
chef montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz maerz april mai juni juli
august september oktober november dezember qwertz qwertzuiop asdfghjkl yxcvbnm eins zwei drei vier fünf fuenf
sechs
"""
"""By people who write German; the package knows English."""


def is_enough(password: str, *, known: Iterable[str]) -> bool:
    """``known`` is what whoever knows the person would try first: names, addresses, the firm."""
    if len(password) not in LENGTH:
        return False
    first = [*(word for text in known for word in _words(text)), *_GUESSED_FIRST.split()]
    if len(_without(first, password)) < _FEWEST_LEFT:
        return False
    judged = lazily.module("zxcvbn").zxcvbn(_bounded(password), user_inputs=first)
    return int(judged["score"]) >= _ENOUGH


def _words(text: str) -> list[str]:
    """A name or an address, whole and in its parts."""
    plain = text.lower()
    return [plain, *(part for part in re.split(r"[\W_]+", plain) if len(part) > 1)]


def _without(words: Iterable[str], password: str) -> str:
    """What a guesser who strings these words together still has to find: three of them are strong for the package."""
    longest_first = sorted((word for word in words if len(word) >= _SHORTEST_WORD), key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), "", password.lower()).replace(" ", "")


def _bounded(password: str) -> str:
    """Signs that may stand for letters double the work each: those beyond the first few become others."""
    text = password[:_READ]
    masks = list(dict.fromkeys(sign for sign in text if sign in _MASKS))[_MASKS_LEFT:]
    return text.translate({ord(mask): other for mask, other in zip(masks, _NO_MASKS, strict=False)})
