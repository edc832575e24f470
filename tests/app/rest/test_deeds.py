from __future__ import annotations

from tests.firms import Firm
from tests.programs import program
from tests.records import add_contact


def test_a_complaint_is_entered_acknowledged_settled_and_reopened(acme: Firm) -> None:
    shop, contact_id = program(acme), add_contact(acme, company="Werft AG")
    entered = {"what": "The pump leaks.", "priority": "high", "contact_id": str(contact_id)}

    complaint = shop.post(f"{acme.url}/api/v1/complaints", json=entered).json
    address = f"{acme.url}/api/v1/complaints/{complaint['id']}"
    states = [
        complaint["state"],
        shop.put(f"{address}/acknowledgement").json["state"],
        shop.put(f"{address}/settlement", json={"settled_how": "A new pump."}).json["state"],
        shop.delete(f"{address}/settlement").json["state"],
        shop.delete(f"{address}/acknowledgement").json["state"],
    ]
    again = shop.delete(f"{address}/acknowledgement")

    assert states == ["open", "in_work", "settled", "in_work", "open"]
    assert complaint["company_id"] is not None
    assert (again.status_code, again.content_type) == (409, "application/problem+json")


def test_the_company_of_a_complaint_is_changed_while_its_contact_stays(acme: Firm) -> None:
    shop, contact_id = program(acme), add_contact(acme, company="Werft AG")
    entered = {"what": "The pump leaks.", "contact_id": str(contact_id)}
    complaint = shop.post(f"{acme.url}/api/v1/complaints", json=entered).json
    other = shop.post(f"{acme.url}/api/v1/companies", json={"name": "Hafen AG"}).json["id"]
    address, any_version = f"{acme.url}/api/v1/complaints/{complaint['id']}", {"If-Match": "*"}

    changed = shop.patch(address, json={"company_id": other}, headers=any_version).json
    untouched = shop.patch(address, json={"details": "By night."}, headers=any_version).json
    emptied = shop.patch(address, json={"company_id": None}, headers=any_version).json

    assert [one["contact_id"] for one in (changed, untouched, emptied)] == [str(contact_id)] * 3
    assert [one["company_id"] for one in (changed, untouched, emptied)] == [other, other, None]


def test_only_complaints_of_a_state_are_listed(acme: Firm) -> None:
    shop, address = program(acme), f"{acme.url}/api/v1/complaints"
    first, second = (shop.post(address, json={"what": what}).json for what in ("It leaks.", "It squeaks."))
    shop.put(f"{address}/{first['id']}/settlement", json={"settled_how": "Mended."})

    pending = shop.get(f"{address}?state=open").json["items"]
    unknown = shop.get(f"{address}?state=lost")
    misspelt = shop.get(f"{address}?stat=open")

    assert [one["id"] for one in pending] == [second["id"]]
    assert unknown.status_code == misspelt.status_code == 422
    assert list(misspelt.json["errors"]) == ["stat"]


def test_what_happened_is_written_on_several_records(acme: Firm) -> None:
    shop, contact_id = program(acme), str(add_contact(acme))
    company_id = shop.post(f"{acme.url}/api/v1/companies", json={"name": "Werft AG"}).json["id"]
    about = [{"type": "contact", "id": contact_id}, {"type": "company", "id": company_id}]

    entry = shop.post(
        f"{acme.url}/api/v1/activities",
        json={"kind": "call", "text": "Wants an offer.", "when": "2026-03-02T09:30:00+01:00", "about": about},
    )
    on_company = shop.get(f"{acme.url}/api/v1/activities?about={company_id}").json["items"]

    assert entry.status_code == 201, entry.text
    assert entry.json["about"] == about
    assert entry.json["when"] == "2026-03-02T08:30:00Z"
    assert [one["id"] for one in on_company] == [entry.json["id"]]
    assert "Wants an offer." in acme.client().get(f"{acme.url}/contacts/{contact_id}").text


def test_a_task_is_given_ticked_and_comes_back(acme: Firm) -> None:
    shop, address = program(acme), f"{acme.url}/api/v1/tasks"

    task = shop.post(address, json={"text": "Water the plants.", "due_on": "2026-12-01", "repeats": "weekly"}).json
    done = shop.put(f"{address}/{task['id']}/completion").json
    following = shop.get(f"{address}?done=false").json["items"]

    assert done["done_at"] is not None
    assert [one["due_on"] for one in following] == ["2026-12-08"]
    assert shop.get(f"{acme.url}/api/v1/activities/{task['id']}").status_code == 404
    assert shop.get(f"{acme.url}/api/v1/activities").json["items"] == []


def test_somebody_gets_an_employer_and_leaves_again(acme: Firm) -> None:
    shop, contact_id = program(acme), str(add_contact(acme))
    entered = {"contact_id": contact_id, "company": "Werft AG", "role": "Einkauf", "since": "2025-01-01"}

    job = shop.post(f"{acme.url}/api/v1/affiliations", json=entered).json
    address = f"{acme.url}/api/v1/affiliations/{job['id']}"
    too_early = shop.patch(address, json={"until": "2024-01-01"}, headers={"If-Match": "*"})
    left = shop.patch(address, json={"until": "2026-01-01"}, headers={"If-Match": "*"}).json

    assert (job["company"], job["since"], job["until"]) == ("Werft AG", "2025-01-01", None)
    assert too_early.status_code == 409
    assert (left["until"], left["role"]) == ("2026-01-01", "Einkauf")
    assert shop.get(f"{acme.url}/api/v1/affiliations?contact_id={contact_id}").json["items"] == [left]


def test_tags_are_made_renamed_and_filter_lists(acme: Firm) -> None:
    shop = program(acme)
    tag = shop.post(f"{acme.url}/api/v1/tags", json={"name": "Messe"}).json
    other = shop.post(f"{acme.url}/api/v1/tags", json={"name": "Kunde"}).json
    address = f"{acme.url}/api/v1/tags/{tag['id']}"

    taken = shop.patch(address, json={"name": "kunde"}, headers={"If-Match": "*"})
    renamed = shop.patch(address, json={"name": "Messe 2026"}, headers={"If-Match": "*"}).json

    assert (taken.status_code, taken.json["code"]) == (409, "tag_name_taken")
    assert renamed["name"] == "Messe 2026"
    assert shop.get(f"{acme.url}/api/v1/contacts?tag={other['id']}").json["items"] == []


def test_a_record_is_tagged_and_found_by_its_tag_until_it_is_taken_off(acme: Firm) -> None:
    shop, contact_id = program(acme), add_contact(acme)
    add_contact(acme)
    tag = shop.post(f"{acme.url}/api/v1/tags", json={"name": "Messe"}).json
    carried, carriers = f"{acme.url}/api/v1/contacts/{contact_id}/tags", f"{acme.url}/api/v1/contacts?tag={tag['id']}"

    put = [shop.put(f"{carried}/{tag['id']}").status_code for _ in range(2)]
    hanging, found = shop.get(carried).json["items"], shop.get(carriers).json["items"]
    taken = shop.delete(f"{carried}/{tag['id']}").status_code
    unknown = shop.put(f"{carried}/{contact_id}").status_code

    assert (put, taken, unknown) == ([204, 204], 204, 404)
    assert [one["name"] for one in hanging] == ["Messe"]
    assert [one["id"] for one in found] == [str(contact_id)]
    assert shop.get(carried).json["items"] == shop.get(carriers).json["items"] == []


def test_what_is_deleted_lies_in_the_recycle_bin(acme: Firm) -> None:
    shop, contact_id = program(acme), add_contact(acme)
    address = f"{acme.url}/api/v1/contacts/{contact_id}"

    gone = shop.delete(address, headers={"If-Match": shop.get(address).headers["ETag"]})

    assert (gone.status_code, gone.data) == (204, b"")
    assert shop.get(address).status_code == 404
    assert "Jürgen Müller" in acme.client().get(f"{acme.url}/recycle-bin").text
