"""Sizes as a ratchet. A function is counted from its ``def`` to its end, docstring included, decorators not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.house.sources import functions, name, product_files, python_files

FUNCTION, FILE = 25, 300
TEST_FUNCTION, TEST_FILE = 60, 600

EXCEPTIONS: dict[str, int] = {}
"""``file`` or ``file::function`` and its lines today. A number may only shrink, and goes when it is not needed."""


def test_the_product_is_made_of_small_pieces() -> None:
    too_long = dict(longer(product_files(), function=FUNCTION, file=FILE))

    assert {piece: n for piece, n in too_long.items() if n > EXCEPTIONS.get(piece, 0)} == {}


def test_tests_are_readable_too() -> None:
    too_long = dict(longer(python_files("tests", "benchmarks"), function=TEST_FUNCTION, file=TEST_FILE))

    assert {piece: n for piece, n in too_long.items() if n > EXCEPTIONS.get(piece, 0)} == {}


def test_no_exception_is_larger_than_it_must_be() -> None:
    needed = dict(longer(product_files(), function=FUNCTION, file=FILE))
    needed |= longer(python_files("tests", "benchmarks"), function=TEST_FUNCTION, file=TEST_FILE)

    assert {piece: f"now {needed.get(piece, 0)}" for piece, n in EXCEPTIONS.items() if n > needed.get(piece, 0)} == {}


def longer(paths: Iterable[Path], *, function: int, file: int) -> Iterator[tuple[str, int]]:
    for path in paths:
        lines = len(path.read_text().splitlines())
        if lines > file:
            yield name(path), lines
        # Of several functions with one name the longest counts, which stands last.
        yield from sorted((n for n in functions(path) if n[1] > function), key=lambda found: found[1])
