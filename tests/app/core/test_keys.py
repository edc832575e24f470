from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import keys

NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöüßéçøåłABCÄÖÜ -'", min_size=1, max_size=30)


def finds(query: str, *words: str) -> bool:
    text = keys.search_text(words)
    wanted = keys.patterns(query)
    return bool(wanted) and all(any(_unescaped(form) in text for form in forms) for forms in wanted)


def _unescaped(pattern: str) -> str:
    return re.sub(r"\\(.)", r"\1", pattern[1:-1])


def like(pattern: str, text: str) -> bool:
    """LIKE of PostgreSQL, for patterns without escapes."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("%"))), text) is not None


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("Müller", "Müller"),
        ("mueller", "Müller"),
        ("Muller", "Müller"),
        ("Müller", "Mueller"),
        ("üll", "Müller"),
        ("strauss", "Strauß"),
        ("Strauß", "Strauss"),
        ("Ozdemir", "Özdemir"),
        ("soren", "Søren"),
        ("lukasz", "Łukasz"),
        ("rené", "Rene"),
        ("Yildirim", "Yıldırım"),
    ],
)
def test_a_name_is_found_however_its_letters_are_typed(query: str, name: str) -> None:
    assert finds(query, name)


@pytest.mark.parametrize(
    ("query", "beginnings"),
    [
        ("Muller", ["muller", "mueller"]),
        ("Müller", ["mueller"]),
        ("Mueller", ["mueller"]),
        ("Kohlbauer", ["kohlbauer", "koehlbauer", "kohlbaeuer"]),
        ("Schmidt", ["schmidt"]),
    ],
)
def test_what_is_typed_without_umlauts_may_begin_with_one(query: str, beginnings: list[str]) -> None:
    assert keys.beginnings(query) == beginnings


@pytest.mark.parametrize(
    "query",
    [
        "+49 40 66969-123",
        "0049 40 66969123",
        "040/66969123",
        "(040) 66969 123",
        "+49 (0)40 66969 123",
        "66969",
        "040 66",
    ],
)
def test_a_phone_number_is_found_in_any_notation(query: str) -> None:
    assert finds(query, "494066969123")


def test_every_word_of_a_query_must_be_found() -> None:
    assert finds("jürgen mül", "Jürgen", "Müller")
    assert not finds("jürgen schmidt", "Jürgen", "Müller")


def test_what_like_takes_for_a_joker_is_only_a_letter() -> None:
    assert not finds("%", "Müller")
    assert keys.patterns("a_b") == [("%a\\_b%",)]


@given(NAMES)
def test_any_name_is_found_by_itself_and_by_every_fragment(name: str) -> None:
    text = keys.search_text([name])
    for forms in keys.patterns(name):
        assert any(_unescaped(form) in text for form in forms)


@given(st.text(max_size=200))
def test_keys_are_plain_ascii_whatever_was_typed(text: str) -> None:
    assert keys.sort_key(text).isascii()
    assert keys.search_text([text]).isascii()
    assert all(form.isascii() for forms in keys.patterns(text) for form in forms)


def test_umlauts_sort_as_in_the_telephone_book() -> None:
    names = ["Müller", "Muller", "Mueller", "Mutz", "Muell"]

    assert sorted(names, key=keys.sort_key) == ["Muell", "Müller", "Mueller", "Muller", "Mutz"]


@given(
    st.text("abcdefgh", min_size=5, max_size=10), st.integers(1, 8), st.sampled_from(["drop", "swap", "other", "more"])
)
def test_one_slip_of_the_fingers_is_forgiven(name: str, place: int, slip: str) -> None:
    at = min(place, len(name) - 1)
    typed = {
        "drop": name[:at] + name[at + 1 :],
        "swap": name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :] if at > 1 else name,
        "other": name[:at] + "x" + name[at + 1 :],
        "more": name[:at] + "x" + name[at:],
    }[slip]
    (_, patterns), *_ = keys.mistyped(typed) or [("", (f"%{typed}%",))]

    stored = keys.search_text(["karl", name])

    assert any(like(pattern, stored) for pattern in patterns), (typed, patterns)
