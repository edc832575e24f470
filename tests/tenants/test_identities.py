from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.identities import MalformedEmail, WeakPassword, hash_password, normal_email

LETTERS = string.ascii_letters + string.digits + " äöüß!?"


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "x" * 30,
        "abababababab",
        "passwort123",
        "Hallo12345",
        "kontor2026",
        "nordlicht1",
        "a" * 201,
        "Mia Brandt1",
    ],
)
def test_what_is_short_or_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        hash_password(password, known=["Nordlicht", "Mia Brandt"])


@given(st.text(LETTERS, max_size=9))
def test_nothing_below_ten_characters_is_accepted(password: str) -> None:
    with pytest.raises(WeakPassword):
        hash_password(password)


def test_a_good_password_is_kept_as_a_hash_that_differs_each_time() -> None:
    first, second = hash_password("correct horse battery"), hash_password("correct horse battery")

    assert first != second
    assert first.startswith("$argon2id$")
    assert "horse" not in first


@pytest.mark.parametrize(
    ("written", "meant"),
    [(" Ada@Hafen.Example ", "ada@hafen.example"), ("J.Müller@firma.example", "j.müller@firma.example")],
)
def test_addresses_are_compared_in_one_form(written: str, meant: str) -> None:
    assert normal_email(written) == meant


@pytest.mark.parametrize("written", ["", "ada", "ada@", "@hafen.example", "a b@hafen.example", "a@b", "a@@b.example"])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(MalformedEmail):
        normal_email(written)


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_refused(written: str) -> None:
    try:
        found = normal_email(written)
    except MalformedEmail:
        return
    assert normal_email(found) == found
