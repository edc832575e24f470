from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from tenants import clock
from tenants.db import platform_work
from tenants.models import ApiToken, Membership
from tests.colleagues import colleague, only_owners
from tests.firms import Firm, counted_statements
from tests.programs import program, token_of, with_token
from tests.records import add_contact

SHOWN = re.compile(r"kontor_[0-9a-f]{12}_[\w-]{43}")


def make_on_page(firm: Firm, **form: object) -> str:
    page = firm.client().post(f"{firm.url}/tokens/new", data={"name": "Shop", "days": "30", **form})
    assert page.status_code == 201, page.text
    return SHOWN.search(page.text)[0]  # type: ignore[index]


def test_a_token_is_shown_once_and_kept_as_a_hash(acme: Firm) -> None:
    token = make_on_page(acme, scope=["contacts.read"])

    assert with_token(acme.app, token).get(f"{acme.url}/api/v1/contacts").status_code == 200
    page = acme.client().get(f"{acme.url}/tokens").text
    assert token not in page
    assert token.split("_")[1] in page
    with acme.app.app_context(), platform_work() as session:
        row = session.query(ApiToken).one()
        assert token.split("_", 2)[2].encode() not in row.secret_hash
        assert row.expires_at is not None
        assert row.expires_at > clock.now() + timedelta(days=29)


def test_a_token_needs_a_purpose_and_something_to_do(acme: Firm) -> None:
    page = acme.client().post(f"{acme.url}/tokens/new", data={"name": "", "days": "30"})

    assert page.status_code == 422
    assert "Please choose what the token may do." in page.text


def test_nobody_gives_a_token_more_than_they_may_themselves(acme: Firm) -> None:
    reader = colleague(acme, role="reader")
    shop = program(acme, user_id=reader.user_id)

    read = shop.get(f"{acme.url}/api/v1/contacts")
    written = shop.post(f"{acme.url}/api/v1/contacts", json={"family_name": "Berg"})
    only_owners(acme)

    assert read.status_code == 200
    assert written.status_code == 403


def test_scopes_narrow_what_a_token_may(acme: Firm) -> None:
    shop = program(acme, scopes=("contacts.read",))

    read = shop.get(f"{acme.url}/api/v1/contacts")
    written = shop.post(f"{acme.url}/api/v1/contacts", json={"family_name": "Berg"})
    elsewhere = shop.get(f"{acme.url}/api/v1/complaints")

    assert (read.status_code, written.status_code, elsewhere.status_code) == (200, 403, 403)
    assert written.content_type == "application/problem+json"
    assert [(one.json["code"], one.json["scope"]) for one in (written, elsewhere)] == [
        ("permission_missing", "contacts.write"),
        ("permission_missing", "complaints.read"),
    ]
    assert "contacts.write" in written.json["title"]
    assert 'error="insufficient_scope", scope="contacts.write"' in written.headers["WWW-Authenticate"]


@pytest.mark.parametrize("collection", ["contacts", "affiliations"])
def test_whoever_may_only_enter_contacts_makes_no_company_by_the_way(acme: Firm, collection: str) -> None:
    contact_id = str(add_contact(acme, company="Hafen AG"))
    shop = program(acme, scopes=("contacts.read", "contacts.write"))
    whole = {"contacts": {"family_name": "Berg"}, "affiliations": {"contact_id": contact_id}}[collection]

    known = shop.post(f"{acme.url}/api/v1/{collection}", json={**whole, "company": "hafen ag"})
    new = shop.post(f"{acme.url}/api/v1/{collection}", json={**whole, "company": "Werft AG"})

    assert known.status_code == 201, known.text
    assert (new.status_code, new.json["scope"]) == (403, "companies.write")
    companies = program(acme).get(f"{acme.url}/api/v1/companies").json["items"]
    assert [one["name"] for one in companies] == ["Hafen AG"]


def test_a_record_one_may_not_see_cannot_be_named_either(acme: Firm) -> None:
    contact_id = add_contact(acme)
    shop = program(acme, scopes=("complaints.write", "complaints.read"))

    answer = shop.post(f"{acme.url}/api/v1/complaints", json={"what": "It leaks.", "contact_id": str(contact_id)})

    assert answer.status_code == 422
    assert answer.json["errors"] == {"contact_id": ["There is no such record."]}


def test_a_revoked_token_is_dead_at_once(acme: Firm) -> None:
    token = make_on_page(acme, scope=["contacts.read"])
    revoke = re.search(r'action="([^"]+/revoke)"', acme.client().get(f"{acme.url}/tokens").text)

    acme.client().post(revoke[1])  # type: ignore[index]

    assert with_token(acme.app, token).get(f"{acme.url}/api/v1/contacts").status_code == 401


def test_whoever_comes_back_has_to_make_new_tokens(acme: Firm) -> None:
    bodo = colleague(acme)
    shop, person = program(acme, user_id=bodo.user_id), f"{acme.url}/users/{bodo.user_id}"
    before = shop.get(f"{acme.url}/api/v1/contacts").status_code

    acme.client().post(f"{person}/deactivate", data={"heir": ""})
    acme.client().post(f"{person}/reactivate")

    after = shop.get(f"{acme.url}/api/v1/contacts").status_code
    is_back = bodo.client().get(f"{acme.url}/").status_code
    only_owners(acme)
    assert (before, after, is_back) == (200, 401, 200)


def test_the_token_of_somebody_who_has_left_is_dead_at_once(acme: Firm) -> None:
    someone = colleague(acme)
    shop = program(acme, user_id=someone.user_id)
    before = shop.get(f"{acme.url}/api/v1/contacts").status_code

    with acme.app.app_context(), platform_work() as session:
        session.get_one(Membership, someone.user_id).active = False

    after = shop.get(f"{acme.url}/api/v1/contacts").status_code
    only_owners(acme)

    assert (before, after) == (200, 401)


def test_a_token_that_has_expired_opens_nothing(acme: Firm, travel: Callable[[timedelta], None]) -> None:
    shop = program(acme)

    travel(timedelta(days=31))

    assert shop.get(f"{acme.url}/api/v1/contacts").status_code == 401


def test_a_token_opens_its_own_firm_only(acme: Firm, globex: Firm) -> None:
    shop = program(acme)

    elsewhere = shop.get(f"{globex.url}/api/v1/contacts")
    nowhere = shop.get("/nobody/api/v1/contacts")

    assert elsewhere.status_code == nowhere.status_code == 401
    assert {**elsewhere.json, "request": ""} == {**nowhere.json, "request": ""}


def test_what_is_no_token_is_refused(acme: Firm) -> None:
    token = token_of(acme)
    wrong = ["", "x", "kontor_", f"{token}x", token[:-1], token.replace("kontor", "other"), "kontor_' OR 1=1_x", "é"]

    answers = {with_token(acme.app, one).get(f"{acme.url}/api/v1/contacts").status_code for one in wrong}

    assert answers == {401}


def test_use_is_noted_at_most_once_a_minute(acme: Firm, travel: Callable[[timedelta], None]) -> None:
    shop, address = program(acme), f"{acme.url}/api/v1/contacts"

    def statements() -> int:
        with counted_statements(acme.app) as counted:
            shop.get(address)
        return len(counted)

    first, second = statements(), statements()
    travel(timedelta(minutes=2))
    later = statements()

    assert first == later == second + 1


def test_each_token_has_its_own_limit_and_is_told(acme: Firm) -> None:
    shop, till = program(acme), program(acme)
    address = f"{acme.url}/api/v1/tags"

    first = shop.get(address)
    for _ in range(599):
        shop.get(address)
    refused, of_another = shop.get(address), till.get(address)

    assert first.headers["RateLimit-Remaining"] == "599"
    assert first.headers["RateLimit-Limit"] == "600"
    assert refused.status_code == 429
    assert refused.json["code"] == "too_many_requests"
    seconds = int(refused.headers["Retry-After"])
    assert 0 < seconds <= 60
    assert seconds == int(refused.headers["RateLimit-Reset"])
    assert f"{seconds} s" in refused.json["title"]
    assert of_another.status_code == 200
