from __future__ import annotations

from itertools import islice

import pytest

from tests.app.signup.newcomer import Newcomer


@pytest.mark.parametrize(
    ("firm", "slug"),
    [
        ("Müller & Söhne GmbH", "mueller-soehne-gmbh"),
        ("  Nordlicht  ", "nordlicht"),
        ("Straße 7", "strasse-7"),
        ("Café Crème S.à r.l.", "cafe-creme-s-a-r-l"),
        ("--", "firma"),
        ("株式会社", "firma"),
        ("X", "firma"),
        ("a" * 60, "a" * 40),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_a_name_becomes_an_address(newcomer: Newcomer, firm: str, slug: str) -> None:
    from app.signup import addresses

    assert addresses.proposed(firm) == slug


def test_the_next_addresses_carry_numbers_and_never_grow_too_long(newcomer: Newcomer) -> None:
    from app.signup import addresses

    assert list(islice(addresses.variants("acme"), 3)) == ["acme", "acme-2", "acme-3"]
    assert list(islice(addresses.variants("a" * 37 + "-bc"), 2))[1] == "a" * 37 + "-2"
