"""The rows: made up by a fixed seed, the same on every machine."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

SEED = 7
_GIVEN = [
    "Anna",
    "Jürgen",
    "Sophie",
    "Lukas",
    "Käthe",
    "Björn",
    "Marie",
    "Özlem",
    "Thomas",
    "Ingrid",
    "Matthias",
    "Zoë",
    "Felix",
    "Hannelore",
    "Uwe",
    "Clara",
    "Günther",
    "Friederike",
    "Jan",
    "Leonie",
    "Rainer",
    "Aylin",
    "Sören",
    "Monika",
    "Paul",
    "Wiebke",
    "Dieter",
    "Nele",
    "Emil",
    "Gudrun",
    "Karl",
    "Petra",
]
_FAMILY = [
    "Müller",
    "Schmidt",
    "Schäfer",
    "Weiß",
    "Meyer",
    "Schröder",
    "Krüger",
    "Jäger",
    "Groß",
    "Hofmann",
    "Köhler",
    "Lüdtke",
    "Brandt",
    "Öztürk",
    "Vogel",
    "Böhm",
    "Winter",
    "Sommer",
    "Maier",
    "Straßner",
    "Berger",
    "Nußbaum",
    "Peters",
    "Lindqvist",
    "Haase",
    "Friedrich",
    "Fuchs",
    "Möller",
    "Kühn",
    "Bauer",
    "Thießen",
    "Albrecht",
    "Petersen",
    "Hübner",
    "Zimmermann",
    "Ahlers",
    "Dünkelberg",
    "Rotermund",
    "Schlüter",
    "Wöhler",
]
_PARTS = ("mann", "hoff", "bach", "berg", "kamp", "stedt", "feld", "wald", "born", "dorf")
_TRADES = ("Hafenlogistik", "Bäckerei", "Möbelbau", "Elektro", "Gartenbau", "Spedition", "Druckerei", "Optik")
_FORMS = ("GmbH", "KG", "AG", "e.K.", "& Söhne GmbH", "OHG")
_CITIES = (
    ("20457", "Hamburg"), ("10117", "Berlin"), ("50667", "Köln"), ("80331", "München"), ("90402", "Nürnberg"),
    ("04109", "Leipzig"), ("28195", "Bremen"), ("70173", "Stuttgart"), ("99084", "Erfurt"), ("23552", "Lübeck"),
)  # fmt: skip
_STREETS = ("Hauptstraße", "Am Markt", "Schulweg", "Lindenallee", "Hafenstraße", "Bergstraße", "Mühlenweg")
_MAIL_HOSTS = ("gmx.de", "web.de", "posteo.de", "firma-nord.de", "kontor-sued.example", "werk.example")
_ROLES = ("Einkauf", "Geschäftsführung", "Vertrieb", "Buchhaltung", "Werkstatt")
_SAID = (
    "Angebot besprochen, Rückmeldung bis Freitag.",
    "Rückruf wegen der Lieferung; der Fahrer kam zu spät, die Ware war in Ordnung.",
    "Interesse am Wartungsvertrag. Unterlagen schicken, dann Termin mit der Werkstatt machen.",
    "Neue Durchwahl notiert.",
    "War auf der Messe am Stand und fragte nach größeren Mengen für das nächste Quartal.",
)
_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ö": "oe", "ë": "e"})
_NEWEST = datetime(2026, 11, 1, tzinfo=UTC)


def companies(count: int) -> Iterator[dict[str, str]]:
    random = Random(f"{SEED} companies")
    for number in range(count):
        name = f"{random.choice(_TRADES)} {_family(random)} {random.choice(_FORMS)} {number}"
        plz, city = random.choice(_CITIES)
        yield {
            "name": name,
            "industry": random.choice(_TRADES),
            "phone": _phone(random, mobile=False),
            "email": f"info{number}@{random.choice(_MAIL_HOSTS)}",
            "street": _street(random),
            "postal_code": plz,
            "city": city,
        }


def contacts(count: int, *, seed: str = "contacts", employers: list[str] | None = None) -> Iterator[dict[str, str]]:
    """Two of three name the company that they work for, where there are any."""
    random = Random(f"{SEED} {seed}")
    for number in range(count):
        given, family = random.choice(_GIVEN), _family(random)
        plz, city = random.choice(_CITIES)
        row = {
            "salutation": random.choice(("ms", "mr")),
            "given_name": given,
            "family_name": family,
            "email": f"{_ascii(given)}.{_ascii(family)}{number}@{random.choice(_MAIL_HOSTS)}",
            "phone": _phone(random, mobile=False),
            "mobile": _phone(random, mobile=True),
            "street": _street(random),
            "postal_code": plz,
            "city": city,
        }
        if employers and random.random() < 2 / 3:
            row |= {"company": random.choice(employers), "role": random.choice(_ROLES)}
        yield row


def activities(count: int, *, people: int) -> Iterator[tuple[int, str, str, datetime]]:
    """(number of the contact, kind, text, time): the first contacts have far more of them than the last."""
    random = Random(f"{SEED} activities")
    for _ in range(count):
        at = _NEWEST - timedelta(minutes=random.randrange(525_600))
        yield int(people * random.random() ** 3), random.choice(("note", "call")), random.choice(_SAID), at


def list_to_import(count: int, *, seed: str) -> bytes:
    """A German list as Excel saves it: semicolons, Windows-1252."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["Anrede", "Vorname", "Nachname", "E-Mail", "Telefon", "Mobil", "Straße", "PLZ", "Ort"])
    spoken = {"ms": "Frau", "mr": "Herr"}
    for row in contacts(count, seed=seed):
        writer.writerow([spoken[row["salutation"]], *list(row.values())[1:]])
    return out.getvalue().encode("cp1252")


def _family(random: Random) -> str:
    name = random.choice(_FAMILY)
    return name if random.random() < 0.3 else name + random.choice(_PARTS)  # noqa: PLR2004


def _phone(random: Random, *, mobile: bool) -> str:
    if mobile:
        return f"0170 {random.randrange(10_000_000):07}"
    return f"+49 ({random.choice(('40', '30', '221', '89'))}) {random.randrange(1_000_000):06}-{random.randrange(90)}"


def _street(random: Random) -> str:
    return f"{random.choice(_STREETS)} {random.randrange(1, 180)}"


def _ascii(name: str) -> str:
    return name.lower().translate(_ASCII)
