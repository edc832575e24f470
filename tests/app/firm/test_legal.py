"""VAT ids, tax numbers and IBANs, as people write them."""

from __future__ import annotations

import pytest

from app.firm import legal
from app.firm.legal import NotValid


@pytest.mark.parametrize(
    ("written", "country", "kept"),
    [
        ("DE 136 695 976", "DE", "DE136695976"),
        ("136695976", "DE", "DE136695976"),
        ("atu 13585627", "DE", "ATU13585627"),
        ("GR094259216", "GR", "EL094259216"),
        ("094259216", "GR", "EL094259216"),
        ("EL 094259216", "DE", "EL094259216"),
        ("CHE-107.787.577", "CH", "CHE107787577MWST"),
        ("CHE-107.787.577 IVA", "CH", "CHE107787577IVA"),
        ("107.787.577", "LI", "CHE107787577MWST"),
        ("GB 980 7806 84", "GB", "GB980780684"),
        ("980780684", "GB", "GB980780684"),
        ("XI980780684", "GB", "XI980780684"),
        ("NO 123456785 MVA", "NO", "NO123456785MVA"),
        ("12-3456789", "US", "123456789"),
    ],
)
def test_a_vat_id_in_any_notation_is_kept_in_one(written: str, country: str, kept: str) -> None:
    assert legal.vat_id(written, country=country) == kept


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("DE136695977", "DE"),
        ("DE", "DE"),
        ("GB980780685", "GB"),
        ("CHE-107.787.578", "CH"),
        ("EL094259217", "GR"),
        ("ATU1358562", "DE"),
        ("NO<script>", "NO"),
    ],
)
def test_a_vat_id_that_cannot_be_right_is_none(written: str, country: str) -> None:
    with pytest.raises(NotValid):
        legal.vat_id(written, country=country)


@pytest.mark.parametrize("kept", ["DE136695976", "ATU13585627", "CHE107787577MWST", "GB980780684", "EL094259216"])
def test_what_is_shown_of_a_vat_id_is_read_as_the_same(kept: str) -> None:
    assert legal.vat_id(legal.shown_vat_id(kept), country="DE") == kept


def test_a_tax_number_is_checked_in_germany_alone() -> None:
    assert legal.tax_number(" 181/815/0815 5", country="DE") == "181/815/08155"
    assert legal.tax_number("12-345/6789", country="AT") == "12-345/6789"
    with pytest.raises(NotValid):
        legal.tax_number("136695978", country="DE")


def test_an_iban_is_kept_without_blanks_and_shown_in_fours() -> None:
    kept = legal.account("DE89 3704 0044 0532 0130 00")

    assert kept == "DE89370400440532013000"
    assert legal.shown_account(kept) == "DE89 3704 0044 0532 0130 00"
    with pytest.raises(NotValid):
        legal.account("DE89 3704 0044 0532 0130 01")
