from __future__ import annotations

import string

import pytest
from argon2 import PasswordHasher
from email_validator import EmailNotValidError, validate_email
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from tenants import clock, identities, strength
from tenants.db import platform_reading, platform_work
from tenants.guessing import Caller, WrongCredentials
from tenants.identities import MalformedEmail, WeakPassword, hash_password, normal_email
from tenants.models import Identity

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
        "ichliebedich",
        "Sommer2026!",
        "schalke04fan",
        "qwertzuiop1",
        "trustno1trustno1",
        "kontor-2026!",
    ],
)
def test_what_is_short_or_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        hash_password(password, known=["Nordlicht", "Mia Brandt"])


@pytest.mark.parametrize("password", ["drei Wolken über dem Dach", "tR7x!p0qLw", "$7!0@4(8%6", "correct horse battery"])
def test_what_takes_long_to_guess_is_accepted(password: str) -> None:
    assert strength.is_enough(password, known=["Nordlicht", "Mia Brandt", "mia.brandt@nordlicht.example"])


def test_a_password_that_was_made_to_be_slow_is_judged_all_the_same() -> None:
    """Without a bound on its length and its signs this one takes 17 seconds of the whole process."""
    began = clock.stopwatch()

    strength.is_enough("4@8({[<369!1|7$5+" * 5, known=[])

    assert clock.stopwatch() - began < 10


def test_a_hash_of_weaker_parameters_is_made_anew_at_the_next_log_in(app: Flask) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=1024).hash("correct horse battery")
    with app.app_context():
        with platform_work() as session:
            identities.find_or_add(session, email="old@hash.example", name="O", password_hash=old, locale="en")

        with pytest.raises(WrongCredentials):
            identities.check_password(email="old@hash.example", password="something else", by=Caller())
        unchanged = _hash_of("old@hash.example")
        identities.check_password(email="old@hash.example", password="correct horse battery", by=Caller())

        assert unchanged == old
        assert "m=65536" in _hash_of("old@hash.example")
        identities.check_password(email="old@hash.example", password="correct horse battery", by=Caller())


def _hash_of(email: str) -> str:
    with platform_reading() as session:
        return session.scalars(select(Identity.password_hash).where(Identity.email == email)).one()


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


LABEL = st.text("abzAZ019-", min_size=1, max_size=12)
ADDRESS = st.builds(
    "{}@{}.{}".format,
    st.text("abzAZ019._+-", min_size=1, max_size=20),
    st.lists(LABEL, min_size=1, max_size=3).map(".".join),
    st.sampled_from(["de", "example", "Com", "test", "local", "ONION", "x1", "a"]),
)


@given(ADDRESS)
@example("anna@b.example")
@example("a--b@b.de")
@example("a@b.test")
@example("a@xn--b.de")
def test_the_shortcut_for_plain_addresses_says_what_the_library_says(written: str) -> None:
    try:
        expected = validate_email(written, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        with pytest.raises(MalformedEmail):
            normal_email(written)
    else:
        assert normal_email(written) == expected
