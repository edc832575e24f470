"""VAT ids, tax numbers and IBANs: as people write them, as they are kept, as they are shown."""

from __future__ import annotations

import re
from collections.abc import Callable

from stdnum import iban
from stdnum.ch import vat as swiss_vat
from stdnum.de import stnr
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.gb import vat as british_vat

_SWISS_ZONE = ("CH", "LI")
"""Where VAT ids are those of Switzerland."""

_WORDS = ("MWST", "TVA", "IVA", "TPV")
_BY_COUNTRY = {"GR": "EL"}
"""Country -> the letters of its VAT ids, where they differ."""

_WITH_RULES = {*(code.upper() for code in eu_vat.MEMBER_STATES), "GB", *_SWISS_ZONE}


class NotValid(ValueError):
    """This number cannot be right."""


def vat_id(written: str, *, country: str) -> str:
    """As it is kept: without blanks, with the letters of its country in front. Without letters it is taken for one of
    the firm's country; one of a country whose rules nobody has written down is believed.

    Raises NotValid.
    """
    plain = re.sub(r"[\s.\-/]", "", written).upper()
    if plain.startswith("CHE"):
        return _swiss(plain)
    if not plain[:2].isalpha():
        if country not in _WITH_RULES:
            return plain
        plain = ("CHE" if country in _SWISS_ZONE else _BY_COUNTRY.get(country, country)) + plain
    return _swiss(plain) if plain.startswith("CHE") else _european(plain)


def _swiss(plain: str) -> str:
    """With the word for VAT, which belongs to it and is often left out."""
    return _validated(swiss_vat.validate, plain if plain.endswith(_WORDS) else f"{plain}MWST")


def _european(plain: str) -> str:
    letters, rest = plain[:2], plain[2:]
    letters = _BY_COUNTRY.get(letters, letters)
    if letters == "GB":
        return letters + _validated(british_vat.validate, rest)
    if letters == "EL" or letters in _WITH_RULES:
        return _validated(eu_vat.validate, letters + rest)
    if not rest.isalnum():
        raise NotValid
    return plain


def tax_number(written: str, *, country: str) -> str:
    """As it is kept. A German one keeps its strokes: where they belong depends on the state, which the number does not
    say. Those of other countries are believed.

    Raises NotValid.
    """
    if country != "DE":
        return written
    _validated(stnr.validate, written)
    return re.sub(r"[\s.,\-]", "", written)


def account(written: str) -> str:
    """An IBAN as it is kept. Raises NotValid."""
    return _validated(iban.validate, written)


def _validated(validate: Callable[[str], str], number: str) -> str:
    try:
        return validate(number)
    except ValidationError as error:
        raise NotValid from error


def shown_vat_id(kept: str) -> str:
    """DE 136 695 976, CHE-107.787.577 MWST."""
    if kept.startswith("CHE"):
        return swiss_vat.format(kept)
    found = re.fullmatch(r"([A-Z]{2})(\d+)", kept)
    if found is None:
        return kept
    letters, digits = found.groups()
    return " ".join([letters, *(digits[at : at + 3] for at in range(0, len(digits), 3))])


def shown_account(kept: str) -> str:
    """In groups of four."""
    return iban.format(kept)
