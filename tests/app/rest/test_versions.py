from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tests.firms import Firm
from tests.programs import program, token_of, with_token
from tests.records import add_contact


def test_what_has_been_read_is_not_sent_again(acme: Firm) -> None:
    address = f"{acme.url}/api/v1/contacts/{add_contact(acme)}"
    shop = program(acme)

    first = shop.get(address)
    again = shop.get(address, headers={"If-None-Match": first.headers["ETag"]})
    compressed = shop.get(address, headers={"If-None-Match": first.headers["ETag"][:-1] + ':br"'})

    assert first.headers["ETag"].startswith('"1-')
    assert again.status_code == compressed.status_code == 304
    assert again.data == b""


def test_a_change_says_which_version_it_changes(acme: Firm) -> None:
    address = f"{acme.url}/api/v1/contacts/{add_contact(acme)}"
    shop = program(acme)
    read = shop.get(address).headers["ETag"]

    unsaid = shop.patch(address, json={"title": "Dr."})
    first = shop.patch(address, json={"title": "Dr."}, headers={"If-Match": read})
    second = shop.patch(address, json={"title": "Prof."}, headers={"If-Match": read})
    anyhow = shop.patch(address, json={"title": "Prof."}, headers={"If-Match": "*"})

    assert unsaid.status_code == 428
    assert first.status_code == 200, first.text
    assert first.json["title"] == "Dr."
    assert first.json["version"] == 2
    assert second.status_code == 412
    assert second.json["code"] == "version_outdated"
    assert anyhow.json["title"] == "Prof."


def test_what_a_change_does_not_name_stays(acme: Firm) -> None:
    contact_id = add_contact(acme, title="Dr.", email="j@hafen.example", phone="040 123456")
    address = f"{acme.url}/api/v1/contacts/{contact_id}"
    shop = program(acme)
    points = shop.get(address).json["points"]

    named = shop.patch(address, json={"given_name": "Jörg"}, headers={"If-Match": "*"}).json
    fewer = shop.patch(address, json={"points": points[:1]}, headers={"If-Match": "*"}).json

    assert (named["title"], named["given_name"], named["points"]) == ("Dr.", "Jörg", points)
    assert fewer["points"] == points[:1]


def test_a_request_under_one_key_happens_once(acme: Firm) -> None:
    shop, address = program(acme), f"{acme.url}/api/v1/contacts"
    key = {"Idempotency-Key": "order-17"}

    first = shop.post(address, json={"family_name": "Berg"}, headers=key)
    again = shop.post(address, json={"family_name": "Berg"}, headers=key)
    other = shop.post(address, json={"family_name": "Tal"}, headers=key)

    assert first.status_code == again.status_code == 201
    assert again.json == first.json
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert len(shop.get(address).json["items"]) == 1


def test_what_was_refused_may_be_tried_again_under_its_key(acme: Firm) -> None:
    shop, address = program(acme), f"{acme.url}/api/v1/contacts"
    key = {"Idempotency-Key": "order-17"}

    refused = shop.post(address, json={"title": "Dr."}, headers=key)
    mended = shop.post(address, json={"title": "Dr.", "family_name": "Berg"}, headers=key)

    assert refused.status_code == 422
    assert refused.json["errors"] == {"family_name": ["A contact needs a first name or a last name."]}
    assert mended.status_code == 201


def test_keys_belong_to_their_token_and_to_their_day(acme: Firm, travel: Callable[[timedelta], None]) -> None:
    address, key = f"{acme.url}/api/v1/contacts", {"Idempotency-Key": "order-17"}
    shop, till = program(acme), program(acme)

    first = shop.post(address, json={"family_name": "Berg"}, headers=key).json
    of_another_token = till.post(address, json={"family_name": "Berg"}, headers=key).json
    travel(timedelta(hours=25))
    next_day = shop.post(address, json={"family_name": "Berg"}, headers=key).json

    assert len({first["id"], of_another_token["id"], next_day["id"]}) == 3


def test_of_many_requests_at_once_under_one_key_one_happens(acme: Firm) -> None:
    token, address = token_of(acme), f"{acme.url}/api/v1/complaints"

    def send(_: int) -> tuple[int, str]:
        answer = with_token(acme.app, token).post(
            address, json={"what": "The pump leaks."}, headers={"Idempotency-Key": "order-17"}
        )
        return answer.status_code, answer.json["id"]

    with ThreadPoolExecutor(6) as together:
        answers = list(together.map(send, range(12)))

    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert len(with_token(acme.app, token).get(address).json["items"]) == 1
