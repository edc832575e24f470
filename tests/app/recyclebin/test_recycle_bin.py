from __future__ import annotations

from uuid import uuid4

from tests.firms import Firm
from tests.records import add_company, add_contact


def test_the_bin_shows_what_was_deleted_of_every_kind(acme: Firm) -> None:
    client = acme.client()
    client.post(f"{acme.url}/contacts/{add_contact(acme)}/delete")
    client.post(f"{acme.url}/companies/{add_company(acme)}/delete")

    page = client.get(f"{acme.url}/recycle-bin").text

    assert "Jürgen Müller" in page
    assert "Hafen &amp; Söhne KG" in page


def test_undo_on_the_notice_brings_it_back(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()

    listed = client.post(f"{acme.url}/contacts/{contact_id}/delete", follow_redirects=True).text
    assert f'action="{acme.url}/recycle-bin/contact/{contact_id}/restore"' in listed

    client.post(f"{acme.url}/recycle-bin/contact/{contact_id}/restore")
    assert "Jürgen Müller" in client.get(f"{acme.url}/contacts").text


def test_taking_back_twice_or_nothing_is_harmless(acme: Firm) -> None:
    contact_id = add_contact(acme)
    client = acme.client()

    for _ in range(2):
        assert client.post(f"{acme.url}/recycle-bin/contact/{contact_id}/restore").status_code == 303
    assert client.post(f"{acme.url}/recycle-bin/contact/{uuid4()}/restore").status_code == 404
    assert client.post(f"{acme.url}/recycle-bin/spaceship/{contact_id}/restore").status_code == 404


def test_an_empty_bin_says_what_it_is_good_for(acme: Firm) -> None:
    assert "The recycle bin is empty" in acme.client().get(f"{acme.url}/recycle-bin").text
