from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from app.contacts.models import Contact
from tenants import clock, retention
from tests.colleagues import colleague, only_owners
from tests.firms import Firm
from tests.forwarding import forward
from tests.programs import Program, program
from tests.records import add_contact, add_many


def follow(firm: Firm, shop: Program, **query: object) -> Any:
    """The feed once everything was taken up."""
    forward(firm.app)
    return shop.get(f"{firm.url}/api/v1/changes", query_string=query).json


def test_changes_are_followed_by_cursor_from_wherever_one_stands(acme: Firm) -> None:
    shop = program(acme)
    contact_id = add_contact(acme, email="j@hafen.example")

    first = follow(acme, shop)
    nothing = follow(acme, shop, cursor=first["next"])
    changed = shop.patch(f"{acme.url}/api/v1/contacts/{contact_id}", json={"title": "Dr."}, headers={"If-Match": "*"})
    second = follow(acme, shop, cursor=first["next"])

    assert [(one["kind"], one["event"], one["record_id"], one["changed"]) for one in first["items"]] == [
        ("contact", "created", str(contact_id), []),
        ("contact", "updated", str(contact_id), ["points"]),
    ]
    assert nothing == {"items": [], "next": first["next"], "more": False}
    assert changed.status_code == 200
    (told,) = second["items"]
    assert (told["record_id"], told["event"], told["changed"]) == (str(contact_id), "updated", ["title"])
    assert (told["old"], told["new"]) == ({"title": None}, {"title": "Dr."})
    assert (told["actor_id"], told["source"]) == (str(acme.owner_id), "api")


def test_one_collection_is_followed_alone(acme: Firm) -> None:
    add_contact(acme, company="Werft AG")

    found = follow(acme, program(acme), kind="company")

    assert [one["new"]["name"] for one in found["items"]] == ["Werft AG"]


def test_a_task_is_a_task_and_a_deletion_a_deletion(acme: Firm) -> None:
    shop, contact_id = program(acme), add_contact(acme)
    about = [{"type": "contact", "id": str(contact_id)}]
    before = follow(acme, shop)["next"]
    task = shop.post(f"{acme.url}/api/v1/tasks", json={"text": "Call.", "due_on": "2027-03-01", "about": about}).json
    call = shop.post(f"{acme.url}/api/v1/activities", json={"kind": "call", "text": "Called.", "about": about}).json

    shop.patch(f"{acme.url}/api/v1/tasks/{task['id']}", json={"text": "Write."}, headers={"If-Match": "*"})
    shop.delete(f"{acme.url}/api/v1/tasks/{task['id']}")
    acme.client().post(f"{acme.url}/recycle-bin/task/{task['id']}/restore")
    of_tasks, of_all = (follow(acme, shop, cursor=before, **kind)["items"] for kind in ({"kind": "task"}, {}))

    made, changed, deleted, restored = of_tasks
    assert [one["event"] for one in of_tasks] == ["created", "updated", "deleted", "restored"]
    assert {one["record_id"] for one in of_tasks} == {task["id"]}
    assert made["old"] is None
    assert {name: made["new"][name] for name in made["new"]} == {name: task[name] for name in made["new"]}
    assert (changed["old"], changed["new"], changed["changed"]) == ({"text": "Call."}, {"text": "Write."}, ["text"])
    assert (deleted["new"], restored["new"]) == (None, {})
    assert next(one for one in of_all if one["kind"] == "activity")["record_id"] == call["id"]
    assert {one["kind"] for one in of_all} == {"task", "activity"}


def test_a_tag_is_told_of_the_record_that_carries_it(acme: Firm) -> None:
    company = program(acme).post(f"{acme.url}/api/v1/companies", json={"name": "Werft AG"}).json["id"]
    tag = program(acme).post(f"{acme.url}/api/v1/tags", json={"name": "Messe"}).json["id"]
    before = follow(acme, program(acme))["next"]

    program(acme).put(f"{acme.url}/api/v1/companies/{company}/tags/{tag}")
    told = follow(acme, program(acme), cursor=before)["items"]

    assert [(one["kind"], one["record_id"], one["event"], one["changed"]) for one in told] == [
        ("company", company, "updated", ["tags"])
    ]


def test_a_table_is_no_word_of_the_interface(acme: Firm) -> None:
    answer = program(acme).get(f"{acme.url}/api/v1/changes?table=contacts")

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["table"])


def test_pages_of_the_feed_leave_nothing_out_and_tell_nothing_twice(acme: Firm) -> None:
    add_many(acme, "contact", [{"family_name": f"Müller {number}"} for number in range(25)])
    shop, seen, cursor = program(acme), [], None

    while True:
        page = follow(acme, shop, page_size=7, **({"cursor": cursor} if cursor else {}))
        seen += [one["record_id"] for one in page["items"]]
        cursor = page["next"]
        if not page["more"]:
            break

    assert len(seen) == len(set(seen)) == 25


def test_a_cursor_from_before_what_is_kept_is_refused_and_the_feed_goes_on_with_the_rest(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.retention.BATCH", 3)
    shop = program(acme)
    first = follow(acme, shop)
    add_contact(acme, family_name="Ahrens")
    early = follow(acme, shop, cursor=first["next"])
    add_many(acme, "contact", [{"family_name": f"Müller {number}"} for number in range(10)])
    late = follow(acme, shop, cursor=early["next"], kind="contact")
    forget_changes(acme, after=timedelta(days=91))
    add_contact(acme, family_name="Zander")

    forward(acme.app)
    refused, from_the_first = (
        shop.get(f"{acme.url}/api/v1/changes", query_string={"cursor": one["next"]}) for one in (early, first)
    )
    anew = follow(acme, shop, kind="contact")
    going_on = follow(acme, shop, cursor=late["next"], kind="contact")

    assert (refused.status_code, refused.json["type"]) == (410, "urn:kontor:problem:cursor_too_old")
    assert "read everything once more" in refused.json["title"]
    assert from_the_first.status_code == 410
    assert [one["new"]["family_name"] for one in anew["items"]] == ["Zander"]
    assert going_on == anew


def test_the_feed_is_kept_for_a_quarter(acme: Firm) -> None:
    shop = program(acme)
    add_contact(acme, family_name="Ahrens")
    forward(acme.app)

    forget_changes(acme, after=timedelta(days=89))

    assert [one["new"]["family_name"] for one in follow(acme, shop, kind="contact")["items"]] == ["Ahrens"]


def forget_changes(firm: Firm, *, after: timedelta) -> None:
    clock.travel_with(lambda: after)
    try:
        with firm.app.app_context():
            retention.forget_changes_everywhere()
    finally:
        clock.travel_with(timedelta)


def test_what_is_not_saved_yet_is_not_jumped_over(acme: Firm) -> None:
    """One who began earlier and saves later must not be missed by whoever has read on meanwhile."""
    shop = program(acme)
    meet = Barrier(2, timeout=20)

    def slow() -> None:
        with acme.work() as session:
            session.add(Contact(given_name="", family_name="Slow", display_name="Slow", sort_key="slow", own_text=""))
            session.flush()
            meet.wait()
            meet.wait()

    with ThreadPoolExecutor(1) as beside:
        done = beside.submit(slow)
        meet.wait()
        add_contact(acme, family_name="Quick")
        early = follow(acme, shop)
        meet.wait()
        done.result()
    late = follow(acme, shop, cursor=early["next"])

    told = [one["new"]["family_name"] for one in (*early["items"], *late["items"])]
    assert sorted(told) == ["Quick", "Slow"]


def test_the_feed_is_for_those_who_may_take_everything_along(acme: Firm) -> None:
    member = colleague(acme)

    answer = program(acme, user_id=member.user_id).get(f"{acme.url}/api/v1/changes")
    only_owners(acme)

    assert answer.status_code == 403


def test_a_cursor_of_something_else_is_refused(acme: Firm) -> None:
    add_many(acme, "contact", [{"family_name": "A"}, {"family_name": "B"}])
    shop = program(acme)
    of_contacts = shop.get(f"{acme.url}/api/v1/contacts?page_size=1").json["next"]

    answers = [
        shop.get(f"{acme.url}/api/v1/{where}", query_string={"cursor": cursor})
        for where, cursor in (("changes", of_contacts), ("companies", of_contacts), ("contacts", "forged"))
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert [list(answer.json["errors"]) for answer in answers] == [["cursor"]] * 3


def test_what_is_taken_up_while_somebody_reads_on_is_told_on_the_next_page(acme: Firm) -> None:
    """Of one collection little happens; whoever follows it still comes forward, and past nothing."""
    shop = program(acme)
    add_many(acme, "contact", [{"family_name": f"Müller {number}"} for number in range(20)])
    first = follow(acme, shop, kind="company")

    add_contact(acme, company="Werft AG")
    second = follow(acme, shop, kind="company", cursor=first["next"])
    third = follow(acme, shop, kind="company", cursor=second["next"])

    assert (first["items"], third["items"]) == ([], [])
    assert [one["new"]["name"] for one in second["items"]] == ["Werft AG"]
    assert len({page["next"] for page in (first, second)}) == 2
