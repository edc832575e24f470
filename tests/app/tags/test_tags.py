from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import select

from app.core import listing, shapes
from app.core.entities import entity_types
from app.core.listing import Query
from app.tags import actions, queries
from app.tags.models import Tag
from tenants import engines
from tests.firms import Firm, counted_statements, visitor_with_role
from tests.records import add_company, add_contact, add_many


def put(firm: Firm, name: str, record_id: UUID, entity: str = "contact") -> None:
    answer = firm.client().post(f"{firm.url}/tags/on/{entity}/{record_id}", data={"name": name})
    assert answer.status_code == 303


def tag_id(firm: Firm, name: str) -> UUID:
    with firm.work() as session:
        return session.scalars(select(Tag.id).where(Tag.name == name)).one()


def carried(firm: Firm, record_id: UUID) -> list[str]:
    with firm.work():
        return [tag.name for tag in queries.beside(record_id) if tag.carried]


def found(firm: Firm, name: str, entity: str = "contact") -> list[str]:
    tag = str(tag_id(firm, name))
    with firm.work():
        return [row.title for row in listing.load(entity_types.named(entity), Query(filters={"tag": tag})).rows]


def undo(firm: Firm, page: str) -> None:
    address = re.search(r'action="([^"]+/restore)"', page)
    assert address, "The notice offers no way back."
    assert firm.client().post(address[1]).status_code == 303


def test_a_tag_is_typed_on_the_page_of_any_record_and_taken_off_again(acme: Firm) -> None:
    contact_id, company_id, client = add_contact(acme), add_company(acme), acme.client()

    put(acme, "  Messe ", contact_id)
    put(acme, "messe", company_id, "company")

    assert carried(acme, contact_id) == carried(acme, company_id) == ["Messe"]
    page = client.get(f"{acme.url}/companies/{company_id}?panels=all").text
    remove = f"{acme.url}/tags/on/company/{company_id}/{tag_id(acme, 'Messe')}/remove"
    assert f'action="{remove}"' in page
    client.post(remove)
    assert carried(acme, company_id) == []
    assert carried(acme, contact_id) == ["Messe"]


def test_the_history_tells_of_a_tag_that_came_and_went(acme: Firm) -> None:
    contact_id = add_contact(acme)

    put(acme, "Messe", contact_id)
    acme.client().post(f"{acme.url}/tags/on/contact/{contact_id}/{tag_id(acme, 'Messe')}/remove")

    page = acme.client().get(f"{acme.url}/contacts/{contact_id}").text
    assert "<ins>Messe</ins>" in page
    assert "<del>Messe</del>" in page


def test_a_list_is_narrowed_by_a_tag_together_with_other_filters(acme: Firm) -> None:
    ada = add_contact(acme, given_name="Ada", email="ada@hafen.example")
    bob = add_contact(acme, given_name="Bob")
    add_contact(acme, given_name="Carl", email="carl@hafen.example")
    for one in (ada, bob):
        put(acme, "VIP", one)
    tag = tag_id(acme, "VIP")

    page = acme.client().get(f"{acme.url}/contacts?tag={tag}&reach=email").text

    assert found(acme, "VIP") == ["Ada Müller", "Bob Müller"]
    assert "Ada Müller" in page
    assert "Bob Müller" not in page
    assert "Carl Müller" not in page
    assert f'<option value="{tag}" selected>VIP</option>' in page


def test_a_filter_that_makes_no_sense_is_left_out(acme: Firm) -> None:
    add_contact(acme)

    assert "Jürgen Müller" in acme.client().get(f"{acme.url}/contacts?tag=nonsense").text


def test_one_statement_does_for_all_tags(acme: Firm) -> None:
    contact_id = add_contact(acme)
    for name in ("A", "B", "C"):
        put(acme, name, contact_id)
    found(acme, "A")
    built = shapes.statement.cache_info().misses

    found(acme, "B")
    found(acme, "C")

    assert shapes.statement.cache_info().misses == built


def rename(firm: Firm, name: str, new: str) -> str:
    """The page that follows."""
    seen = {"version": "1", "seen": json.dumps({"name": name})}
    address = f"{firm.url}/tags/{tag_id(firm, name)}/name"
    return firm.client().post(address, data={**seen, "name": new}, follow_redirects=True).text


def test_a_tag_is_renamed(acme: Firm) -> None:
    contact_id = add_contact(acme)
    put(acme, "Mese", contact_id)

    rename(acme, "Mese", "Messe")

    assert carried(acme, contact_id) == ["Messe"]


def test_a_name_that_exists_makes_one_of_two_tags_and_undo_makes_them_two_again(acme: Firm) -> None:
    one, both, other = (add_contact(acme, given_name=name) for name in ("One", "Both", "Other"))
    for name, ids in {"Kunde": (one, both), "Bestandskunde": (both, other)}.items():
        for record_id in ids:
            put(acme, name, record_id)

    page = rename(acme, "Kunde", "bestandskunde")

    assert [carried(acme, record_id) for record_id in (one, both, other)] == [["Bestandskunde"]] * 3
    undo(acme, page)
    assert carried(acme, one) == ["Kunde"]
    assert carried(acme, both) == ["Bestandskunde", "Kunde"]
    assert carried(acme, other) == ["Bestandskunde"]


def test_a_deleted_tag_is_nowhere_until_it_is_taken_back(acme: Firm) -> None:
    contact_id = add_contact(acme)
    put(acme, "VIP", contact_id)
    client = acme.client()

    page = client.post(f"{acme.url}/tags/{tag_id(acme, 'VIP')}/delete", follow_redirects=True).text

    assert carried(acme, contact_id) == []
    assert found(acme, "VIP") == []
    undo(acme, page)
    assert carried(acme, contact_id) == ["VIP"]


def test_a_name_that_is_taken_meanwhile_is_not_given_twice(acme: Firm) -> None:
    put(acme, "VIP", add_contact(acme))
    first, client = tag_id(acme, "VIP"), acme.client()
    client.post(f"{acme.url}/tags/{first}/delete")
    put(acme, "vip", add_contact(acme, given_name="Other"))

    assert client.post(f"{acme.url}/tags/{first}/restore").status_code == 409


def test_whoever_takes_a_name_at_the_same_moment_as_somebody_else_is_told_and_nothing_is_logged_of_it(
    acme: Firm, capfd: pytest.CaptureFixture[str]
) -> None:
    """The other one has not committed yet, so no check beforehand can see it; the database refuses the second."""
    put(acme, "Geheimrat", add_contact(acme))
    put(acme, "Messe", add_contact(acme, given_name="Other"))
    first, other = tag_id(acme, "Geheimrat"), tag_id(acme, "Messe")
    acme.client().post(f"{acme.url}/tags/{first}/delete")
    client = acme.client()

    with ThreadPoolExecutor(1) as at_once, engines.provisioner(autocommit=False) as elsewhere:
        rename = f"UPDATE {acme.scope.pg_schema}.tags SET name = 'Geheimrat', name_key = 'geheimrat' WHERE id = %s"
        elsewhere.execute(rename.encode(), [other])
        asked = at_once.submit(client.post, f"{acme.url}/tags/{first}/restore")
        until_blocked(by=elsewhere.info.backend_pid)
        elsewhere.commit()
        answer = asked.result(timeout=30)

    assert answer.status_code == 409
    assert "There is one like it already" in answer.text
    assert "geheimrat" not in capfd.readouterr().err.lower()
    assert "DETAIL" not in answer.text


def until_blocked(*, by: int) -> None:
    """Until somebody waits for what this connection holds."""
    deadline = time.monotonic() + 30
    with engines.provisioner() as looking:
        query = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
        while looking.execute(query, [by]).fetchone() is None:
            assert time.monotonic() < deadline, "Nobody waits."
            time.sleep(0.02)


def test_a_firm_has_as_many_tags_as_lists_can_show(acme: Firm) -> None:
    with acme.work():
        for number in range(queries.MOST):
            actions.find_or_add(f"Tag {number}")
    contact_id = add_contact(acme)

    refused = acme.client().post(f"{acme.url}/tags/on/contact/{contact_id}", data={"name": "One more"})

    assert refused.status_code == 409
    assert carried(acme, contact_id) == []


def test_a_tag_without_a_name_is_none(acme: Firm) -> None:
    contact_id = add_contact(acme)

    page = acme.client().post(f"{acme.url}/tags/on/contact/{contact_id}", data={"name": " "}, follow_redirects=True)

    assert "A tag needs a name" in page.text
    assert carried(acme, contact_id) == []


def test_readers_see_tags_and_cannot_change_them(acme: Firm) -> None:
    contact_id = add_contact(acme)
    put(acme, "VIP", contact_id)

    with visitor_with_role(acme, "reader") as reader:
        page = reader.get(f"{acme.url}/contacts/{contact_id}").text
        refused = reader.post(f"{acme.url}/tags/on/contact/{contact_id}", data={"name": "Other"})

    assert "VIP" in page
    assert "/remove" not in page
    assert refused.status_code == 403


def test_the_page_of_tags_takes_as_few_statements_for_many(acme: Firm) -> None:
    ids = add_many(acme, "contact", [{"family_name": f"N{n}"} for n in range(3)])
    with acme.work():
        contact = entity_types.named("contact")
        for number in range(60):
            actions.add(actions.find_or_add(f"Tag {number}"), contact, ids)
    client = acme.client()

    with counted_statements(acme.app) as statements:
        page = client.get(f"{acme.url}/tags").text

    assert page.count("3 records") == 60
    assert len(statements) <= 3
