from __future__ import annotations

import io
import time

import pytest

from app.imports import cards, reading, uploaded
from tests.app.imports.lists import columns, draft, launch, stored, work_off
from tests.firms import Firm

OLD = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\n"
    b"N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=FCrgen;;Dr.\r\n"
    b"ORG;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:B=C3=A4ckerei S=\r\n=C3=BC=C3=9F;Einkauf\r\n"
    b"TEL;CELL;VOICE:+49 170 1234567\r\nTEL;WORK;FAX:040 99\r\nEMAIL;INTERNET:j@suess.example\r\n"
    b"ADR;WORK:;;Kai 5;Hamburg;;20457;Germany\r\n"
    b"PHOTO;ENCODING=BASE64;TYPE=JPEG:/9j/4AAQ\r\n SkZJRg\r\n\r\nEND:VCARD\r\n"
)
MODERN = """BEGIN:VCARD\r
VERSION:4.0\r
item1.TEL;VALUE=uri;TYPE="voice,home":tel:+49-30-555\r
FN:Zoë Çelik\r
N:Çelik;Zoë;;;\r
ORG:Hafen\\, Söhne & Co;Verkauf\r
TITLE:Leiterin\r
EMAIL;TYPE=work:zoe@hafen.example\r
EMAIL;TYPE=home:zoe@privat.example\r
EMAIL:dritte@privat.example\r
URL:https://hafen.example\r
NOTE:Erste Zeile\\nzweite\\; mit\r
 Fortsetzung\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:3.0\r
FN:Hafen AG\r
ORG:Hafen AG\r
TEL;TYPE=WORK,VOICE:040 1\r
END:VCARD\r
"""


def read(content: bytes) -> list[dict[str, str]]:
    (_, names), *rows = cards.records(io.BytesIO(content))
    heading = [str(uploaded._COLUMNS_OF_CARDS[name]) for name in names]
    return [{name: cell for name, cell in zip(heading, cells, strict=True) if cell} for _, cells in rows]


def test_a_card_of_an_old_phone_is_read_in_the_encodings_it_names() -> None:
    assert read(OLD) == [
        {
            "Academic title": "Dr.",
            "First name": "Jürgen",
            "Last name": "Müller",
            "Company": "Bäckerei Süß",
            "E-mail": "j@suess.example",
            "Mobile phone": "+49 170 1234567",
            "Fax": "040 99",
            "Street and number": "Kai 5",
            "Postcode": "20457",
            "City": "Hamburg",
            "Country": "Germany",
        }
    ]


def test_cards_of_today_are_read_and_nothing_they_say_is_lost() -> None:
    person, firm = read(MODERN.encode())

    assert person == {
        "First name": "Zoë",
        "Last name": "Çelik",
        "Company": "Hafen, Söhne & Co",
        "Role": "Leiterin",
        "E-mail": "zoe@hafen.example",
        "Second e-mail": "zoe@privat.example",
        "Phone": "+49-30-555",
        "Website": "https://hafen.example",
        "Note": "Erste Zeile\nzweite; mitFortsetzung",
        "More": "dritte@privat.example",
    }
    assert firm == {"Company": "Hafen AG", "Phone": "040 1"}


def test_a_card_inside_of_another_is_passed_over() -> None:
    inner = "BEGIN:VCARD\nFN:Assistenz\nEMAIL:a@x.example\nEND:VCARD\n"

    assert read(f"BEGIN:VCARD\nFN:Ada Chef\nAGENT:\n{inner}END:VCARD\n".encode()) == [
        {"First name": "Ada", "Last name": "Chef"}
    ]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"BEGIN:VCARD\nFN:Ada\n", cards.OpenCard),
        (b"BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n", reading.OnlyHeading),
        (b"BEGIN:VCARD\nFN:A\0da\nEND:VCARD\n", reading.NotText),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read(content)


def test_a_photo_of_many_lines_does_not_pile_up() -> None:
    photo = "PHOTO;ENCODING=b:" + "A" * 70 + ("\r\n " + "A" * 70) * 100_000

    assert read(f"BEGIN:VCARD\r\n{photo}\r\nFN:Ada Lovelace\r\nEND:VCARD\r\n".encode())[0]["Last name"] == "Lovelace"


def test_cards_become_contacts(acme: Firm) -> None:
    import_id = draft(acme, MODERN)

    assert columns(acme, import_id)[:3] == ["given_name", "family_name", "company"]
    launch(acme, import_id)
    work_off(acme)

    assert (stored(acme, import_id).created, stored(acme, import_id).refused) == (1, 1)


@pytest.mark.parametrize(
    "name", ["undefined", "unicode_escape", "idna", "punycode", "rot13", "hex", "no-such", "\x00", ""]
)
def test_a_card_in_an_encoding_that_nobody_writes_is_read_as_what_it_most_likely_is(name: str) -> None:
    card = f"BEGIN:VCARD\nFN;CHARSET={name};ENCODING=QUOTED-PRINTABLE:Zo=EB =C7elik\nEND:VCARD\n"

    assert read(card.encode().replace(b"\0", b""))[0]["Last name"] == "Çelik"


@pytest.mark.parametrize(
    "line",
    [
        "FN" + ";" * 1_000_000 + ":A",
        "FN" + ';"' * 500_000 + ":A",
        "FN" + ';TYPE="' + 'a"b;"' * 200_000,
        '"' * 1_000_000,
        "FN:" + "\\" * 1_000_000,
        "NOTE;ENCODING=QUOTED-PRINTABLE:" + "=\n" * 500_000,
        "EMAIL:a@b.example\n" * 60_000,
        "END:VCARD\nBEGIN:VCARD\n" * 40_000,
    ],
    ids=["parameters", "quotes", "open quotes", "no head", "escapes", "soft breaks", "mails", "empty cards"],
)
def test_a_card_of_a_megabyte_is_read_in_the_time_that_a_megabyte_takes(line: str) -> None:
    content = f"BEGIN:VCARD\n{line}\nFN:Ada Lovelace\nEND:VCARD\n".encode()

    before = time.process_time()
    read(content)

    # What was quadratic took minutes; linear it is well below a second.
    assert time.process_time() - before < 10
