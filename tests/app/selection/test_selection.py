from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.contacts.models import Contact
from app.core import listing
from app.core.entities import entity_types
from app.core.listing import Query
from app.selection.models import BulkChange, BulkState
from app.tags import actions as tags
from app.tags import queries as tag_queries
from tests.app.selection.selecting import act, latest, sent, undo_url
from tests.firms import Firm, counted_statements, visitor_with_role
from tests.records import add_contact, add_many, run_jobs


def names(firm: Firm, **filters: str) -> list[str]:
    with firm.work():
        return [row.title for row in listing.load(entity_types.named("contact"), Query(filters=filters)).rows]


def carried(firm: Firm, record_id: UUID) -> list[str]:
    with firm.work():
        return [tag.name for tag in tag_queries.beside(record_id) if tag.carried]


def crowd(firm: Firm, many: int) -> list[UUID]:
    return add_many(firm, "contact", [{"family_name": f"Name {n:04}"} for n in range(many)])


def how_many(firm: Firm) -> int:
    with firm.work() as session:
        return session.scalar(select(func.count()).where(Contact.deleted_at.is_(None))) or 0


def test_what_is_checked_goes_to_the_bin_and_undo_brings_back_exactly_these(acme: Firm) -> None:
    ada, bob, carl = (add_contact(acme, given_name=name) for name in ("Ada", "Bob", "Carl"))
    client = acme.client()
    client.post(f"{acme.url}/contacts/{carl}/delete")

    form = sent("selection.delete", [ada, carl], query="q=müller&sort=recent")
    answer = client.post(f"{acme.url}/selection", data=form)
    assert answer.location == f"{acme.url}/contacts?q=m%C3%BCller&sort=recent"
    page = client.get(answer.location).text

    assert "1 row is in the recycle bin." in page
    assert names(acme) == ["Bob Müller"]
    client.post(undo_url(page))
    assert names(acme) == ["Ada Müller", "Bob Müller"]
    assert bob


def test_a_list_offers_its_rows_and_the_bar(acme: Firm) -> None:
    contact_id = add_contact(acme)

    page = acme.client().get(f"{acme.url}/contacts?sort=recent").text

    assert f'form="selection" name="id" value="{contact_id}" aria-label="Jürgen Müller"' in page
    assert 'name="query" value="sort=recent"' in page
    assert re.search(r'name="action" value="selection.delete"', page)


def test_a_tag_is_put_on_many_and_undo_leaves_those_that_had_it(acme: Firm) -> None:
    ada, bob = add_contact(acme, given_name="Ada"), add_contact(acme, given_name="Bob")
    act(acme, "tags.add", [ada], tag="VIP")

    change_id = act(acme, "tags.add", [ada, bob], tag=" vip ")

    assert carried(acme, ada) == carried(acme, bob) == ["VIP"]
    acme.client().post(f"{acme.url}/selection/{change_id}/undo")
    assert carried(acme, ada) == ["VIP"]
    assert carried(acme, bob) == []


@pytest.mark.parametrize(("action", "tag"), [("tags.add", " "), ("tags.remove", "Mesße")])
def test_what_is_refused_leaves_the_rows_selected_and_the_word_typed(acme: Firm, action: str, tag: str) -> None:
    ada, bob = add_contact(acme, given_name="Ada"), add_contact(acme, given_name="Bob")
    client = acme.client()

    answer = client.post(f"{acme.url}/selection", data=sent(action, [bob], tag=tag))

    page = client.get(answer.location).text
    assert f'value="{bob}" aria-label="Bob Müller" checked' in page
    assert f'value="{ada}" aria-label="Ada Müller">' in page
    assert f'name="tag" value="{tag}"' in page
    assert " checked" not in client.get(answer.location).text


def test_a_browser_asks_for_the_tag_before_it_sends_anything_and_only_for_a_tag(acme: Firm) -> None:
    add_contact(acme)

    page = acme.client().get(f"{acme.url}/contacts").text

    assert re.search(r'<input class="input" name="tag"[^>]* required pattern=', page)
    assert 'name="action" value="tags.add">' in page
    assert 'name="action" value="selection.delete" formnovalidate>' in page


def test_a_tag_is_taken_from_many_and_undo_puts_it_back(acme: Firm) -> None:
    ada, bob = add_contact(acme, given_name="Ada"), add_contact(acme, given_name="Bob")
    act(acme, "tags.add", [ada], tag="VIP")

    change_id = act(acme, "tags.remove", [ada, bob], tag="VIP")

    assert carried(acme, ada) == []
    acme.client().post(f"{acme.url}/selection/{change_id}/undo")
    assert carried(acme, ada) == ["VIP"]
    assert carried(acme, bob) == []


def test_sent_twice_is_done_once(acme: Firm) -> None:
    ada, client = add_contact(acme, given_name="Ada"), acme.client()
    form = sent("selection.delete", [ada])

    for _ in range(2):
        page = client.post(f"{acme.url}/selection", data=form, follow_redirects=True).text

    assert "1 row is in the recycle bin." in page
    client.post(undo_url(page))
    client.post(undo_url(page))
    assert names(acme) == ["Ada Müller"]


def test_once_undone_the_same_page_can_do_it_again(acme: Firm) -> None:
    ada, client = add_contact(acme, given_name="Ada"), acme.client()
    form = sent("selection.delete", [ada])
    client.post(undo_url(client.post(f"{acme.url}/selection", data=form, follow_redirects=True).text))

    page = client.post(f"{acme.url}/selection", data=form, follow_redirects=True).text

    assert names(acme) == []
    client.post(undo_url(page))
    assert names(acme) == ["Ada Müller"]


def test_all_that_are_found_are_changed_not_only_this_page(acme: Firm) -> None:
    crowd(acme, 120)
    other = add_contact(acme, given_name="Other", family_name="Person")

    act(acme, "selection.delete", [], all="1", query="q=name")

    assert names(acme) == ["Other Person"]
    assert other


def test_many_are_changed_by_a_worker_and_undone_by_one(acme: Firm) -> None:
    crowd(acme, 1205)
    client = acme.client()

    answer = client.post(f"{acme.url}/selection", data=sent("selection.delete", [], all="1", query="q=name"))
    under_way = client.get(answer.location).text
    run_jobs(acme.app)
    done = client.get(answer.location).text

    assert "0 of 1,205 rows." in under_way
    assert "1205 rows are in the recycle bin." in done.replace("1,205", "1205")
    assert how_many(acme) == 0
    client.post(undo_url(done))
    run_jobs(acme.app)
    assert how_many(acme) == 1205
    assert "It is undone." in client.get(answer.location).text


def test_a_running_change_is_cancelled_and_what_it_reached_can_be_undone(acme: Firm) -> None:
    from app.selection import chunks

    crowd(acme, 1205)
    client = acme.client()
    shown = client.post(f"{acme.url}/selection", data=sent("selection.delete", [], all="1")).location
    with acme.work():
        chunks.go_on(latest(acme))

    for _ in range(2):
        assert client.post(f"{shown}/cancel").status_code == 303
    run_jobs(acme.app)

    assert how_many(acme) == 705
    page = client.get(shown).text
    assert "It was cancelled: 500 of 1,205 rows were reached, 705 were not." in page
    client.post(undo_url(page))
    assert how_many(acme) == 1205
    assert "It is undone." in client.get(shown).text
    assert "It was cancelled" not in client.get(shown).text


def test_what_has_ended_is_not_cancelled_any_more(acme: Firm) -> None:
    change_id = act(acme, "selection.delete", [add_contact(acme)])

    acme.client().post(f"{acme.url}/selection/{change_id}/cancel")

    with acme.work() as session:
        assert session.get_one(BulkChange, change_id).state is BulkState.DONE


def test_removing_the_tag_by_which_a_list_is_narrowed_reaches_all_of_it(acme: Firm) -> None:
    ids = crowd(acme, 700)
    with acme.work():
        tag = tags.find_or_add("Messe")
        tags.add(tag, entity_types.named("contact"), ids)
        tag_id = str(tag.id)

    act(acme, "tags.remove", [], all="1", query=f"tag={tag_id}", tag="Messe")
    run_jobs(acme.app)

    assert names(acme, tag=tag_id) == []


def test_a_worker_stops_where_the_person_may_no_longer(acme: Firm) -> None:
    from app.users.models import User
    from tenants.models import Role

    crowd(acme, 600)
    change_id = act(acme, "selection.delete", [], all="1")
    with acme.work() as session:
        session.get_one(User, acme.owner_id).role = Role.READER
    try:
        run_jobs(acme.app)
    finally:
        with acme.work() as session:
            session.get_one(User, acme.owner_id).role = Role.OWNER

    assert how_many(acme) == 600
    with acme.work() as session:
        assert session.get_one(BulkChange, change_id).state is BulkState.STOPPED
    assert "It was stopped" in acme.client().get(f"{acme.url}/selection/{change_id}").text


def test_more_than_can_be_meant_is_refused(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.selection.actions.MOST", 2)
    crowd(acme, 3)

    page = acme.client().post(
        f"{acme.url}/selection", data=sent("selection.delete", [], all="1"), follow_redirects=True
    )

    assert "Please narrow the list" in page.text
    assert how_many(acme) == 3


def test_what_is_only_spelt_almost_like_the_words_is_never_meant_by_all_that_are_found(acme: Firm) -> None:
    kept = add_many(acme, "contact", [{"family_name": "Winkelmann", "given_name": f"N{n}"} for n in range(60)])
    client = acme.client()
    page = client.get(f"{acme.url}/contacts?q=winkelmamn").text
    assert "These are similar." in page

    form = sent("selection.delete", [], all="1", query="q=winkelmamn")
    answer = client.post(f"{acme.url}/selection", data=form, follow_redirects=True)

    assert 'name="all"' not in page
    assert "/exports/new" not in page
    assert "No row is selected." in answer.text
    assert how_many(acme) == len(kept)


@pytest.mark.parametrize(
    ("action", "more", "says"),
    [
        ("selection.delete", {}, "No row is selected."),
        ("tags.add", {"tag": " "}, "Please type the name of a tag."),
        ("tags.remove", {"tag": "Unknown"}, "There is no tag of this name."),
    ],
)
def test_what_cannot_be_done_is_said(acme: Firm, action: str, more: dict[str, str], says: str) -> None:
    ids = [add_contact(acme)] if more else []

    page = acme.client().post(f"{acme.url}/selection", data=sent(action, ids, **more), follow_redirects=True).text

    assert says in page
    assert len(names(acme)) == len(ids)


def test_ids_of_another_firm_are_nothing_here(acme: Firm, globex: Firm) -> None:
    foreign = add_contact(globex)

    act(acme, "selection.delete", [foreign])

    assert names(globex) == ["Jürgen Müller"]
    with acme.work() as session:
        assert session.get_one(BulkChange, latest(acme)).changed == 0


def test_who_may_only_look_has_no_bar_and_changes_nothing(acme: Firm) -> None:
    contact_id = add_contact(acme)

    with visitor_with_role(acme, "reader") as reader:
        page = reader.get(f"{acme.url}/contacts").text
        refused = reader.post(f"{acme.url}/selection", data=sent("selection.delete", [contact_id]))

    assert "row-check" not in page
    assert refused.status_code == 403
    assert names(acme) == ["Jürgen Müller"]


def test_a_kind_or_an_action_that_is_not_described_is_not_found(acme: Firm) -> None:
    client, contact_id = acme.client(), add_contact(acme)

    assert client.post(f"{acme.url}/selection", data=sent("selection.explode", [contact_id])).status_code == 404
    strange = sent("selection.delete", [contact_id]) | {"entity": "spaceship"}
    assert client.post(f"{acme.url}/selection", data=strange).status_code == 404


@pytest.mark.parametrize("many", [1, 40])
def test_many_rows_take_as_few_statements_as_one(acme: Firm, many: int) -> None:
    ids, client = crowd(acme, many), acme.client()
    client.get(f"{acme.url}/contacts")

    with counted_statements(acme.app) as statements:
        client.post(f"{acme.url}/selection", data=sent("selection.delete", ids))

    assert how_many(acme) == 0
    assert len(statements) <= 6


def test_bulk_changes_are_found_again(acme: Firm) -> None:
    change_id = act(acme, "selection.delete", [add_contact(acme)])

    page = acme.client().get(f"{acme.url}/selection").text

    assert f"{acme.url}/selection/{change_id}" in page
    assert "1 row is in the recycle bin." in page
