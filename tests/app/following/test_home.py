"""Home tells what changed of what somebody follows, and of nothing else."""

from __future__ import annotations

import re
from http import HTTPStatus
from uuid import UUID

from tests.colleagues import colleague
from tests.firms import Firm, Visitor, counted_statements
from tests.pages import form_values
from tests.records import add_contact


def _follow(firm: Firm, contact_id: UUID) -> None:
    firm.client().put(f"{firm.url}/follows/contact/{contact_id}")


def _rename(client: Visitor, firm: Firm, contact_id: UUID, name: str) -> None:
    address = f"{firm.url}/contacts/{contact_id}/edit"
    client.post(address, data=form_values(client.get(address).text) | {"family_name": name})


def _followed(firm: Firm, path: str = "") -> str:
    page = firm.client().get(f"{firm.url}/{path}").text
    return page.partition('id="followed"')[2] if not path else page.partition("<main")[2]


def test_a_colleagues_change_of_what_i_follow_is_told_in_words(acme: Firm) -> None:
    followed, other = add_contact(acme), add_contact(acme, family_name="Schmidt")
    _follow(acme, followed)
    bodo = colleague(acme).client()

    _rename(bodo, acme, followed, "Neumann")
    _rename(bodo, acme, other, "Lehmann")
    told = _followed(acme)

    assert "Bodo Berg" in told
    assert "<del>Müller</del>" in told
    assert "<ins>Neumann</ins>" in told
    assert f"/contacts/{followed}" in told
    assert "Lehmann" not in told


def test_whoever_follows_nothing_sees_what_changed_lately(acme: Firm) -> None:
    contact_id = add_contact(acme)
    _follow(acme, contact_id)
    acme.client().delete(f"{acme.url}/follows/contact/{contact_id}")

    page = acme.client().get(f"{acme.url}/").text

    assert 'id="followed"' not in page
    assert "Recently changed" in page


def test_what_lies_in_the_recycle_bin_is_followed_by_nobody_until_it_is_back(acme: Firm) -> None:
    contact_id = add_contact(acme)
    _follow(acme, contact_id)
    page = f"{acme.url}/contacts/{contact_id}"

    acme.client().post(f"{page}/delete")
    during = acme.client().get(f"{acme.url}/follows").text
    acme.client().post(f"{acme.url}/recycle-bin/contact/{contact_id}/restore")

    assert str(contact_id) not in during
    assert str(contact_id) in acme.client().get(f"{acme.url}/follows").text


def test_the_page_goes_back_as_far_as_the_journal_and_takes_three_statements(acme: Firm) -> None:
    contacts = [add_contact(acme, family_name=f"Name {number}") for number in range(35)]
    client = acme.client()
    for contact_id in contacts:
        _follow(acme, contact_id)

    client.get(f"{acme.url}/follows")
    with counted_statements(acme.app) as counted:
        first = client.get(f"{acme.url}/follows").text
    older = first.partition('timeline-older"><a')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = client.get(older).text

    shown = [str(one) in first for one in contacts], [str(one) in second for one in contacts]
    assert (sum(shown[0]), sum(shown[1])) == (30, 5)
    assert not any(one and other for one, other in zip(*shown, strict=True))
    assert len(counted) <= 3


def test_home_takes_as_few_statements_when_much_is_followed(acme: Firm) -> None:
    client = acme.client()
    _follow(acme, add_contact(acme))
    client.get(f"{acme.url}/")
    with counted_statements(acme.app) as for_one:
        client.get(f"{acme.url}/")

    for number in range(30):
        _follow(acme, add_contact(acme, family_name=f"Name {number}"))
    client.get(f"{acme.url}/")
    with counted_statements(acme.app) as for_many:
        client.get(f"{acme.url}/")

    assert len(for_one) == len(for_many)
    assert len(for_many) <= 5


def _note(firm: Firm, contact_id: UUID, text: str) -> None:
    address = f"{firm.url}/activities/contact/{contact_id}"
    answer = firm.client().post(address, data={"kind": "note", "text": text})
    assert answer.status_code == HTTPStatus.SEE_OTHER


def test_a_note_on_what_i_follow_is_told_once_with_the_way_to_it(acme: Firm) -> None:
    followed, other = add_contact(acme, company="Hafen & Söhne KG"), add_contact(acme, family_name="Schmidt")
    _follow(acme, followed)
    page = acme.client().get(f"{acme.url}/contacts/{followed}").text
    company = re.search(r"/acme/companies/([0-9a-f-]{36})", page)
    assert company is not None
    acme.client().put(f"{acme.url}/follows/company/{company[1]}")

    _note(acme, followed, "The crane is ordered.")
    _note(acme, other, "Nobody hears of this.")
    at_home, all_of_it = _followed(acme), _followed(acme, "follows")

    for told in (at_home, all_of_it):
        assert told.count("The crane is ordered.") == 1
        assert "Nobody hears of this." not in told


def test_changes_and_notes_stand_in_one_order_and_older_ones_follow(acme: Firm) -> None:
    contact_id = add_contact(acme)
    _follow(acme, contact_id)
    for number in range(20):
        _note(acme, contact_id, f"Note {number:02}.")
        _rename(acme.client(), acme, contact_id, f"Name {number:02}")

    first = acme.client().get(f"{acme.url}/follows").text
    older = first.partition('timeline-older"><a')[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = acme.client().get(older).text

    told = re.findall(r"Note \d\d\.|<ins>Name \d\d</ins>", first + second)
    wanted = [line for number in reversed(range(20)) for line in (f"<ins>Name {number:02}</ins>", f"Note {number:02}.")]
    assert told == wanted


def test_a_note_that_was_deleted_is_not_told(acme: Firm) -> None:
    contact_id = add_contact(acme)
    _follow(acme, contact_id)
    _note(acme, contact_id, "Not meant for here.")
    edit = re.search(
        r'href="([^"]+/activities/[0-9a-f-]{36}/edit)', acme.client().get(f"{acme.url}/contacts/{contact_id}").text
    )
    assert edit is not None

    acme.client().post(edit[1].removesuffix("/edit") + "/delete")

    assert "Not meant for here." not in _followed(acme, "follows")
