"""An open form is told who has changed its record, and where to compare."""

from __future__ import annotations

import re
from uuid import uuid4

from app.core import hearing
from tests.colleagues import colleague
from tests.firms import Firm
from tests.pages import form_values
from tests.records import add_contact


def test_a_colleague_is_named_and_the_changes_are_one_press_away(acme: Firm) -> None:
    contact_id = add_contact(acme)
    address, bodo = f"{acme.url}/contacts/{contact_id}/edit", colleague(acme).client()
    bodo.post(address, data=form_values(bodo.get(address).text) | {"family_name": "Neumann"})

    said = acme.client().get(f"{acme.url}/meanwhile/{contact_id}").text
    to_bodo = bodo.get(f"{acme.url}/meanwhile/{contact_id}").text

    assert "Bodo Berg has changed this meanwhile." in said
    assert f"{acme.url}/contacts/{contact_id}?show=timeline" in said
    assert "in another window" in to_bodo
    assert "Neumann" not in said


def test_an_edit_form_says_which_version_of_which_record_it_holds(acme: Firm) -> None:
    contact_id = add_contact(acme)

    page = acme.client().get(f"{acme.url}/contacts/{contact_id}/edit").text
    new = acme.client().get(f"{acme.url}/contacts/new").text

    assert f'data-live-form="{contact_id}"' in page
    assert f'data-live-version="1" data-live-meanwhile="{acme.url}/meanwhile/"' in page
    assert "data-live-form" not in new


def test_of_a_foreign_or_unknown_record_nothing_is_said(acme: Firm, globex: Firm) -> None:
    contact_id = add_contact(acme)

    answers = [
        globex.client().get(f"{globex.url}/meanwhile/{contact_id}"),
        acme.client().get(f"{acme.url}/meanwhile/{uuid4()}"),
        acme.client().get(f"{acme.url}/meanwhile/nobody"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3


def test_a_list_says_which_changes_it_wants_to_hear_of(acme: Firm) -> None:
    add_contact(acme)

    found = re.search(r'data-live-list="([^"]+)"', acme.client().get(f"{acme.url}/contacts").text)

    granted = hearing.read(found.group(1)) if found else None
    assert granted is not None
    assert granted.subject == "contacts"
