"""Customer numbers of contacts and companies: in forms, in the search, in the history, in lists that come in."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.app.imports.lists import stored
from tests.app.imports.test_updating import counts, imported, said
from tests.firms import Firm
from tests.pages import form_values
from tests.records import add_company, add_contact

KINDS = {"contact": ("contacts", {"family_name": "Müller"}), "company": ("companies", {"name": "Hafen AG"})}


def enter(firm: Firm, kind: str, number: str, *, status: int = 303) -> str:
    room, values = KINDS[kind]
    given, client = {**values, "number": number}, firm.client()
    answer = client.post(f"{firm.url}/{room}/new", data=given)
    if answer.status_code == 409:
        # All of these have one name, which is asked about and meant.
        answer = client.post(f"{firm.url}/{room}/new", data={**form_values(answer.text), **given})
    assert answer.status_code == status, answer.text
    return answer.location or answer.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_is_entered_shown_found_and_told_by_the_history(acme: Firm, kind: str) -> None:
    room, _ = KINDS[kind]
    address = enter(acme, kind, " K-00123 ")
    client = acme.client()

    assert "K-00123" in client.get(address).text
    for words in ("K-00123", "k-00123", "00123"):
        assert address in client.get(f"{acme.url}/{room}?q={words}").text
        assert address in client.get(f"{acme.url}/search?q={words}").text

    client.post(f"{address}/edit", data=form_values(client.get(f"{address}/edit").text) | {"number": "D-9"})
    page = client.get(address).text
    assert "D-9" in page
    assert "K-00123" in page
    assert "Customer number" in page
    assert address not in client.get(f"{acme.url}/{room}?q=K-00123").text


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_share_a_number_unless_one_lies_in_the_bin(acme: Firm, kind: str) -> None:
    room, _ = KINDS[kind]
    first, second = enter(acme, kind, "100"), enter(acme, kind, "200")
    client = acme.client()

    assert "Another record has this number already." in enter(acme, kind, "100", status=422)
    form = form_values(client.get(f"{second}/edit").text) | {"number": "100"}
    assert client.post(f"{second}/edit", data=form).status_code == 422
    assert client.post(f"{first}/edit", data=form_values(client.get(f"{first}/edit").text)).status_code == 303
    enter(acme, kind, "")
    enter(acme, kind, "")

    client.post(f"{first}/delete")
    enter(acme, kind, "100")
    restored = client.post(f"{acme.url}/recycle-bin/{kind}/{first.rpartition('/')[2]}/restore")
    assert restored.status_code == 409
    assert "Another record has the same number by now." in restored.text
    assert client.get(f"{acme.url}/{room}").status_code == 200


def test_what_is_undone_in_bulk_leaves_those_whose_number_is_taken(acme: Firm) -> None:
    from tests.app.selection.selecting import act

    deleted = [add_contact(acme, given_name=name, number=name) for name in ("A", "B")]
    change_id = act(acme, "selection.delete", deleted)
    enter(acme, "contact", "A")

    assert acme.client().post(f"{acme.url}/selection/{change_id}/undo").status_code == 303

    assert acme.client().get(f"{acme.url}/contacts/{deleted[0]}").status_code == 404
    assert acme.client().get(f"{acme.url}/contacts/{deleted[1]}").status_code == 200


def test_a_list_finds_people_by_number_whatever_they_are_called_by_now(acme: Firm) -> None:
    contact_id = add_contact(acme, number="K-1", email="alt@x.example")

    import_id = imported(
        acme,
        "Kunden-Nr.;Vorname;Nachname;E-Mail\nK-1;Jürgen;Meier;neu@x.example\nK-2;Ada;Neu;a@x.example\n",
        "overwrite",
    )

    assert counts(acme, import_id) == (1, 1, 0, 0)
    assert stored(acme, import_id).mapping[0] == "number"
    now = said(acme, contact_id)
    assert (now["family_name"], now["email"], now["number"]) == ("Meier", "neu@x.example", "K-1")


def test_a_number_is_filled_in_where_the_mail_is_known_and_never_replaced(acme: Firm) -> None:
    without = add_contact(acme, email="ohne@x.example")
    numbered = add_contact(acme, family_name="Schulz", email="mit@x.example", number="K-7")

    import_id = imported(
        acme,
        "Nachname;E-Mail;Kundennummer\nMüller;ohne@x.example;K-5\nSchulz;mit@x.example;K-8\n",
        "overwrite",
        shared="1",
    )

    assert counts(acme, import_id) == (1, 1, 0, 0)
    assert said(acme, without)["number"] == "K-5"
    assert said(acme, numbered)["number"] == "K-7"
    assert "K-5" in acme.client().get(f"{acme.url}/contacts/{without}").text
    assert "Müller" in acme.client().get(f"{acme.url}/contacts?q=K-5").text


@pytest.mark.parametrize("rows", [1, 2, 1000])
def test_of_two_rows_with_one_number_the_first_counts(acme: Firm, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr("app.imports.chunks.ROWS", rows)

    import_id = imported(
        acme,
        "Vorname;Nachname;E-Mail;Kundennummer\n"
        "Ada;Neu;a@x.example;1\nBob;Neu;b@x.example;1\nAda;Neu;a@x.example;2\nAda;Neu;A@x.example;\n",
        "new",
        shared="1",
    )

    one = stored(acme, import_id)
    assert (one.created, one.unchanged + one.refused) == (2, 2)


def test_companies_are_found_by_number_and_keep_their_names(acme: Firm) -> None:
    add_company(acme, name="Bäckerei Süß", number="77")
    content = "Firma;Kundennummer;Branche\nSüß GmbH;77;Handwerk\nBäckerei Süß;78;Filiale\nBäckerei Süß;;Backwaren\n"

    import_id = imported(acme, content, "fill", entity="company")

    one = stored(acme, import_id)
    assert (one.created, one.updated, one.refused) == (1, 1, 1)
    page = acme.client().get(f"{acme.url}/companies?q=77").text
    assert "Bäckerei Süß" in page
    assert "Süß GmbH" not in page


def test_an_undone_import_takes_the_numbers_along(acme: Firm) -> None:
    contact_id: UUID = add_contact(acme, email="m@x.example")
    import_id = imported(acme, "Nachname;E-Mail;Kundennummer\nMüller;m@x.example;9\nNeu;n@x.example;10\n", "fill")
    assert said(acme, contact_id)["number"] == "9"

    from tests.app.imports.test_undoing import undo

    undo(acme, import_id)

    assert "number" not in said(acme, contact_id)
    enter(acme, "contact", "10")
