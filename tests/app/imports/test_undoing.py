from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.activities import actions as activities
from app.activities.models import ActivityKind
from app.affiliations import actions as affiliations
from app.attachments import actions as attachments
from app.complaints import actions as complaints
from app.complaints.actions import Draft
from app.core.entities import EntityRef, entity_types
from app.tags import actions as tags
from app.tasks import actions as tasks
from app.tasks.actions import Plan
from tenants import clock
from tests.app.attachments.contents import picture
from tests.app.imports.lists import count, draft, kept_files, launch, many, stored, work_off
from tests.app.imports.test_updating import imported, known
from tests.firms import Firm
from tests.pages import form_values
from tests.records import add_contact

LIST = (
    "Vorname;Nachname;Titel;E-Mail;Telefon;Mobil;Straße;PLZ;Ort;Firma\n"
    "Jürgen;Müller;Dr.;j.mueller@x.example;030 111;0170 1;Kai 5;20457;Hamburg;Hafen AG\n"
    "Neu;Mensch;;neu@x.example;;;;;;Neue GmbH\n"
)
_LIVE_CONTACT = "contact_id IN (SELECT id FROM contacts WHERE deleted_at IS NULL)"
_LIVE_COMPANY = "company_id IN (SELECT id FROM companies WHERE deleted_at IS NULL)"
_SEEN = {
    "contacts": "SELECT id, salutation, title, given_name, family_name, display_name, sort_key, search_text "
    "FROM contacts WHERE deleted_at IS NULL ORDER BY display_name",
    "companies": "SELECT id, name, industry, search_text FROM companies WHERE deleted_at IS NULL ORDER BY name",
    "contact_points": "SELECT id, contact_id, company_id, kind, label, value, normalised, street, postal_code, city "
    f"FROM contact_points WHERE deleted_at IS NULL AND ({_LIVE_CONTACT} OR {_LIVE_COMPANY}) ORDER BY id",
    "affiliations": "SELECT contact_id, company_id, role FROM affiliations "
    f"WHERE deleted_at IS NULL AND {_LIVE_CONTACT} AND {_LIVE_COMPANY} ORDER BY id",
}


def seen(firm: Firm) -> dict[str, list[Any]]:
    """Everything that people can see; the words by which a record is found are a set."""
    with firm.work() as session:
        return {
            table: [
                [set(cell.split()) if str(cell).startswith(" ") else cell for cell in row]
                for row in session.execute(text(statement))
            ]
            for table, statement in _SEEN.items()
        }


def undo(firm: Firm, import_id: UUID) -> None:
    assert firm.client().post(f"{firm.url}/imports/{import_id}/undo").status_code == 303
    work_off(firm)
    assert stored(firm, import_id).undone_at is not None


def edit(firm: Firm, contact_id: UUID, **values: str) -> None:
    address = f"{firm.url}/contacts/{contact_id}/edit"
    page = form_values(firm.client().get(address).text)
    assert firm.client().post(address, data=page | values).status_code == 303


def the_contact(firm: Firm, family_name: str) -> UUID:
    with firm.work() as session:
        found: UUID = session.execute(
            text("SELECT id FROM contacts WHERE family_name = :name"), {"name": family_name}
        ).scalar_one()
    return found


@pytest.mark.parametrize("way", ["new", "fill", "overwrite"])
@pytest.mark.parametrize("rows", [1, 1000])
def test_an_import_that_is_undone_leaves_everything_as_it_was(
    acme: Firm, monkeypatch: pytest.MonkeyPatch, way: str, rows: int
) -> None:
    monkeypatch.setattr("app.imports.chunks.ROWS", rows)
    known(acme)
    before = seen(acme)
    import_id = imported(acme, LIST, way)
    assert seen(acme) != before

    undo(acme, import_id)

    assert seen(acme) == before
    one = stored(acme, import_id)
    assert (one.undone, one.left_alone) == (one.created + one.updated, 0)
    page = acme.client().get(f"{acme.url}/imports/{import_id}").text
    assert "The import is undone" in page
    assert "Undo the whole import" not in page
    assert "Neu Mensch" in acme.client().get(f"{acme.url}/recycle-bin").text


def test_what_was_changed_since_is_left_alone_and_named_with_what_it_needs(acme: Firm) -> None:
    contact_id = known(acme)
    import_id = imported(acme, LIST + "Noch;Einer;;noch@x.example;;;;;;\n", "overwrite")
    edit(acme, contact_id, title="Prof.")
    edit(acme, the_contact(acme, "Mensch"), title="Dipl.")

    undo(acme, import_id)

    page = acme.client().get(f"{acme.url}/imports/{import_id}").text
    assert "Left as they are" in page
    assert "Jürgen Müller" in page
    assert "Neu Mensch" in page
    assert "Neue GmbH" in page
    assert "Noch Einer" not in page
    assert (stored(acme, import_id).undone, stored(acme, import_id).left_alone) == (1, 4)
    assert [row[5] for row in seen(acme)["contacts"]] == ["Jürgen Müller", "Neu Mensch"]
    assert [row[1] for row in seen(acme)["companies"]] == ["Hafen AG", "Neue GmbH"]


def test_a_new_number_is_a_change_too(acme: Firm) -> None:
    import_id = imported(acme, LIST, "new")
    edit(acme, the_contact(acme, "Mensch"), **{"points-1-kind": "phone", "points-1-value": "030 7"})

    undo(acme, import_id)

    assert [row[5] for row in seen(acme)["contacts"]] == ["Neu Mensch"]


BY_HAND: dict[str, Callable[[EntityRef], object]] = {
    "note": lambda ref: activities.record(ActivityKind.NOTE, body="Called.", about=ref, at=clock.now()),
    "task": lambda ref: tasks.add(Plan(text="Send a sample.", assignee_id=None), about=ref, at=clock.now()),
    "complaint": lambda ref: complaints.enter(Draft(what="The pump leaks.", contact_id=ref.id), at=clock.now()),
    "file": lambda ref: attachments.attach(ref, io.BytesIO(picture()), name="pump.png"),
    "tag": lambda ref: tags.add(tags.find_or_add("VIP"), entity_types.named(ref.type), [ref.id]),
    "affiliation": lambda ref: affiliations.employ(ref.id, company="Werft AG", role="Leitung"),
}


@pytest.mark.parametrize("what", BY_HAND)
def test_what_people_have_added_to_since_is_left_and_named(acme: Firm, what: str) -> None:
    import_id = imported(acme, LIST + "Noch;Einer;;noch@x.example;;;;;;\n", "new")
    ref = EntityRef("contact", the_contact(acme, "Mensch"))
    with acme.work():
        BY_HAND[what](ref)

    undo(acme, import_id)

    assert [row[5] for row in seen(acme)["contacts"]] == ["Neu Mensch"]
    page = acme.client().get(f"{acme.url}/imports/{import_id}").text
    assert "Neu Mensch" in page
    assert "Noch Einer" not in page


def test_a_company_that_others_work_for_by_now_stays(acme: Firm) -> None:
    import_id = imported(acme, LIST, "new")
    add_contact(acme, family_name="Später", company="Neue GmbH")

    undo(acme, import_id)

    assert [row[1] for row in seen(acme)["companies"]] == ["Neue GmbH"]
    assert [row[4] for row in seen(acme)["contacts"]] == ["Später"]


def test_of_two_imports_each_can_be_undone_the_last_one_first(acme: Firm) -> None:
    start = seen(acme)
    first = imported(acme, LIST, "new")
    between = seen(acme)
    second = imported(acme, LIST.replace("030 111", "030 222"), "overwrite")

    undo(acme, second)
    assert seen(acme) == between
    assert seen(acme) != start
    undo(acme, first)

    # What another import touched since is left alone, also when that one is undone by now.
    assert [row[4] for row in seen(acme)["contacts"]] == ["Müller"]


def test_pressed_twice_it_is_undone_once(acme: Firm) -> None:
    import_id = imported(acme, LIST, "new")

    for _ in range(2):
        assert acme.client().post(f"{acme.url}/imports/{import_id}/undo").status_code == 303
    work_off(acme)
    undone = stored(acme, import_id).undone
    undo(acme, import_id)

    assert stored(acme, import_id).undone == undone == 2


def test_what_is_not_over_cannot_be_undone(acme: Firm) -> None:
    import_id = draft(acme, LIST)

    assert acme.client().post(f"{acme.url}/imports/{import_id}/undo").status_code == 409


def test_each_chunk_is_undone_by_a_job_of_its_own_and_the_page_tells_how_far_it_is(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.imports.chunks.ROWS", 100)
    import_id = imported(acme, many(250), "new")
    acme.client().post(f"{acme.url}/imports/{import_id}/undo")
    performed = iter([False, True])
    work_off(acme, stop=lambda: next(performed))

    assert "Taken back: 50. Left as they are: 0." in acme.client().get(f"{acme.url}/imports/{import_id}").text
    work_off(acme)

    assert seen(acme) == {table: [] for table in _SEEN}


def test_a_cancelled_import_is_undone_as_far_as_it_came(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.imports.chunks.ROWS", 100)
    import_id = draft(acme, many(250))
    launch(acme, import_id)
    performed = iter([False, True])
    work_off(acme, stop=lambda: next(performed))
    acme.client().post(f"{acme.url}/imports/{import_id}/cancel")

    undo(acme, import_id)

    assert seen(acme)["contacts"] == []
    assert stored(acme, import_id).undone == 100


def test_another_firm_cannot_undo_it(acme: Firm, globex: Firm) -> None:
    import_id = imported(acme, LIST, "new")

    assert globex.client().post(f"{globex.url}/imports/{import_id}/undo").status_code == 404
    assert stored(acme, import_id).undo_began_at is None


def test_after_thirty_days_the_list_goes_and_the_report_stays(acme: Firm) -> None:
    from app.imports import actions, upkeep

    before = kept_files(acme)
    import_id = imported(acme, "Nachname;E-Mail\nMüller;m@x.example\nMeier;kein-at\n", "new")
    waiting = draft(acme, "Nachname\nSchulz\n")
    assert len(kept_files(acme) - before) == 2
    with acme.work():
        actions.forget_lists(before=clock.now() - upkeep.KEPT_FOR)
    assert len(kept_files(acme) - before) == 2

    with acme.work():
        actions.forget_lists(before=clock.now() + timedelta(seconds=1))

    assert kept_files(acme) - before == set()
    assert stored(acme, waiting).state == "cancelled"
    page = acme.client().get(f"{acme.url}/imports/{import_id}").text
    assert "kontakte.csv" in page
    assert "kein-at" in page
    answer = acme.client().get(f"{acme.url}/imports/{import_id}/refused.csv", buffered=True)
    assert answer.data.decode("utf-8-sig").splitlines()[0] == "Nachname,E-Mail,Why it was refused"
    undo(acme, import_id)
    assert count(acme, "contacts WHERE deleted_at IS NULL") == 0


def test_a_thousand_records_are_undone_with_as_many_statements_as_ten(acme: Firm) -> None:
    from tests.firms import counted_statements

    def statements(rows: int) -> int:
        import_id = imported(acme, many(rows), "new")
        acme.client().post(f"{acme.url}/imports/{import_id}/undo")
        with counted_statements(acme.app) as counted:
            work_off(acme)
        assert stored(acme, import_id).undone == rows
        return len(counted)

    assert statements(1000) == statements(10)
