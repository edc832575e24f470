"""A customer list as Excel saves it in Germany: semicolons, Windows-1252, German headings."""

from __future__ import annotations

from itertools import count

_number = count(1)

ROWS = 30
_HEADINGS = "Anrede;Vorname;Nachname;Firma;Telefon;Rückruf unter;E-Mail;Straße;PLZ;Ort;Bemerkung"
_MUELLER = (
    "Herr;Jürgen;Müller;Hafen & Söhne KG;+49 (40) 555-01 99;;j.mueller@hafen-soehne.example;"
    "Kaistraße 4;20457;Hamburg;zahlt pünktlich"
)
_NAMELESS = "Frau;;;Groß & Klein GmbH;0431 555 77;;info@gross-klein.example;;;Eckernförde;"
_MALFORMED = "Herr;Götz;Weiß;Groß & Klein GmbH;0431 555 78;;goetz.weiss at gross-klein;;;Eckernförde;"
_FAMILIES = ["Schäfer", "Krüger", "Köhler", "Jäger", "Böhm", "Schröder", "Kühn", "Lübbe", "Möller"]


def customer_list() -> bytes:
    """Thirty rows; the nameless one and the one with the malformed address are refused."""
    others = [_other(number) for number in range(ROWS - 3)]
    rows = [_HEADINGS, *others[:9], _NAMELESS, *others[9:17], _MUELLER, *others[17:], _MALFORMED]
    return "\r\n".join([*rows, ""]).encode("cp1252")


def another_customer_list() -> bytes:
    """The same people under addresses that no list before had, so that they are nobody's acquaintances."""
    return customer_list().replace(b".example", b"-%d.example" % next(_number))


def _other(number: int) -> str:
    family = _FAMILIES[number % len(_FAMILIES)]
    person = f"Frau;Ute {number};{family};Tischlerei {family}"
    return f"{person};0431 700 {100 + number};;ute{number}@tischlerei.example;Am Weg {number};24340;Eckernförde;"
