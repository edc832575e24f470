"""Codes of an app: those of the standard, each taken once, and only about now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.second_factors import codes, recovery

SECRET = b"12345678901234567890"
NOW = datetime(2026, 12, 1, 12, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(seconds: int, said: str) -> None:
    """RFC 6238, appendix B, the last six of eight digits."""
    assert codes.code(SECRET, seconds // codes.STEP) == said


@given(late=st.integers(-5, 5))
def test_a_phone_may_be_a_step_early_or_late(late: int) -> None:
    step = codes.step_at(NOW) + late

    found = codes.step_of(SECRET, codes.code(SECRET, step), now=NOW, after=0)

    assert (found is not None) == (abs(late) <= 1)


def test_a_code_that_was_taken_is_not_taken_again() -> None:
    step = codes.step_at(NOW)
    now, before = codes.code(SECRET, step), codes.code(SECRET, step - 1)

    assert codes.step_of(SECRET, now, now=NOW, after=step) is None
    assert codes.step_of(SECRET, before, now=NOW, after=step) is None
    assert codes.step_of(SECRET, now, now=NOW + timedelta(seconds=codes.STEP), after=step - 1) == step


@given(st.text())
def test_nothing_else_is_a_code(typed: str) -> None:
    around = {codes.code(SECRET, codes.step_at(NOW) + late) for late in (-1, 0, 1)}

    assert codes.step_of(SECRET, typed, now=NOW, after=0) is None or "".join(typed.split()) in around


def test_people_type_codes_with_a_blank_in_the_middle() -> None:
    code = codes.code(SECRET, codes.step_at(NOW))

    assert codes.step_of(SECRET, f"{code[:3]} {code[3:]} ", now=NOW, after=0) == codes.step_at(NOW)


def test_the_address_for_the_camera_names_us_and_the_account() -> None:
    assert codes.address(SECRET, account="mia+crm@nord.example", issuer="Kontor") == (
        "otpauth://totp/Kontor:mia%2Bcrm@nord.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Kontor"
    )


@given(st.text())
def test_only_what_has_the_length_of_a_recovery_code_is_looked_up(typed: str) -> None:
    assert recovery.looks_like(typed) == (len("".join(typed.split()).replace("-", "").upper()) == 16)
