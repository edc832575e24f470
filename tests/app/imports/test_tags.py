"""Tags that lists bring along: one cell names several."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.entities import entity_types
from app.tags import actions as tags
from app.tags import queries as tag_queries
from app.users.models import User
from tenants.models import Role
from tests.app.imports.lists import columns, draft, stored, work_off
from tests.app.imports.test_undoing import undo
from tests.app.imports.test_updating import counts, imported
from tests.firms import Firm, counted_statements, visitor_with_role
from tests.records import add_contact

LIST = (
    "Nachname;E-Mail;Schlagworte\n"
    "Müller;m@x.example;VIP, Messe 2026\n"
    'Schulz;s@x.example;"VIP; Messe 2026 ;; vip"\n'
    "Meier;k@x.example;\n"
)


def carried(firm: Firm, family_name: str) -> list[str]:
    with firm.work() as session:
        contact_id: UUID = session.scalars(
            text("SELECT id FROM contacts WHERE family_name = :name AND deleted_at IS NULL"), {"name": family_name}
        ).one()
        return [tag.name for tag in tag_queries.beside(contact_id) if tag.carried]


def tag(firm: Firm, name: str, *contact_ids: UUID) -> None:
    with firm.work():
        tags.add(tags.find_or_add(name), entity_types.named("contact"), contact_ids)


def test_a_cell_names_several_tags_and_unknown_ones_are_added_once(acme: Firm) -> None:
    tag(acme, "VIP")

    import_id = imported(acme, LIST, "new")

    assert columns(acme, import_id) == ["family_name", "email", "tags"]
    assert counts(acme, import_id) == (3, 0, 0, 0)
    assert carried(acme, "Müller") == carried(acme, "Schulz") == ["Messe 2026", "VIP"]
    assert carried(acme, "Meier") == []
    with acme.work():
        assert tag_queries.names() == ["Messe 2026", "VIP"]


@pytest.mark.parametrize("way", ["fill", "overwrite"])
def test_tags_come_beside_those_that_a_record_carries_and_undoing_leaves_these(acme: Firm, way: str) -> None:
    contact_id = add_contact(acme, email="m@x.example", company="Hafen AG")
    tag(acme, "Stammkunde", contact_id)
    tag(acme, "Messe 2026", contact_id)
    with acme.work():
        messe = tag_queries.named("Messe 2026")
        assert messe is not None
        tags.remove(messe, [contact_id])

    import_id = imported(acme, LIST, way)
    assert counts(acme, import_id) == (2, 1, 0, 0)
    assert carried(acme, "Müller") == ["Messe 2026", "Stammkunde", "VIP"]
    again = imported(acme, LIST, way)
    assert counts(acme, again) == (0, 0, 3, 0)
    undo(acme, import_id)

    assert carried(acme, "Müller") == ["Stammkunde"]


def test_who_may_add_no_tags_brings_known_ones_only(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    tag(acme, "VIP")
    monkeypatch.setattr("app.tags.importing._may_add", lambda: False)
    import_id = draft(acme, LIST.replace("VIP, Messe 2026", "vip"))

    page = acme.client().get(f"{acme.url}/imports/{import_id}").text
    assert "There is no tag “Messe 2026”, and you may not add one." in page
    sent = {"column": stored(acme, import_id).mapping, "way": "new"}
    acme.client().post(f"{acme.url}/imports/{import_id}/start", data=sent)
    work_off(acme)

    assert counts(acme, import_id) == (2, 0, 0, 1)
    assert carried(acme, "Müller") == ["VIP"]


def test_a_worker_asks_what_the_person_may_today(acme: Firm) -> None:
    import_id = draft(acme, LIST)
    sent = {"column": stored(acme, import_id).mapping, "way": "new"}
    acme.client().post(f"{acme.url}/imports/{import_id}/start", data=sent)
    with acme.work() as session:
        session.get_one(User, acme.owner_id).role = Role.READER
    try:
        work_off(acme)
    finally:
        with acme.work() as session:
            session.get_one(User, acme.owner_id).role = Role.OWNER

    assert counts(acme, import_id) == (1, 0, 0, 2)


def test_names_that_are_too_long_or_too_many_are_refused_by_row(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_queries, "MOST", 1)

    import_id = imported(acme, f"Nachname;Tags\nA;{'x' * 41}\nB;Eins\nC;eins\nD;Zwei\n", "new")

    assert counts(acme, import_id) == (2, 0, 0, 2)
    page = acme.client().get(f"{acme.url}/imports/{import_id}").text
    assert "A tag needs a name of at most 40 characters." in page
    assert "There are as many tags as a firm can have." in page


def test_a_thousand_tagged_rows_take_as_many_statements_as_ten(acme: Firm) -> None:
    tag(acme, "VIP")
    tag(acme, "Messe 2026")

    def statements(rows: int) -> int:
        lines = "".join(f"N{rows}-{n};VIP,Messe 2026\n" for n in range(rows))
        import_id = draft(acme, f"Nachname;Tags\n{lines}")
        sent = {"column": stored(acme, import_id).mapping, "way": "new"}
        acme.client().post(f"{acme.url}/imports/{import_id}/start", data=sent)
        with counted_statements(acme.app) as counted:
            work_off(acme)
        assert stored(acme, import_id).created == rows
        return len(counted)

    # What tags there are is kept for a while.
    statements(5)
    assert statements(1000) == statements(10)


def test_a_new_contact_is_entered_without_a_cell_for_tags(acme: Firm) -> None:
    with visitor_with_role(acme, "member") as member:
        page = member.get(f"{acme.url}/contacts/new").text

    assert 'name="tags"' not in page
