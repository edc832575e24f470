from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest

from app.complaints import actions, queries
from app.complaints.actions import Draft
from app.complaints.models import (
    AlreadyAcknowledged,
    AlreadySettled,
    Complaint,
    ComplaintState,
    NotAcknowledged,
    NotSettled,
    Priority,
)
from app.complaints.schemas import usual_due
from app.users import actions as users
from app.users import queries as users_found
from config.quotas import quotas
from tenants import clock
from tests.app.attachments.contents import picture
from tests.colleagues import colleague
from tests.firms import Firm, counted_statements
from tests.pages import form_values
from tests.records import add_company, add_contact

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def enter(firm: Firm, what: str = "The pump leaks.", **said: object) -> UUID:
    with firm.work():
        return actions.enter(Draft(what=what, **said), at=clock.now())  # type: ignore[arg-type]


def read(firm: Firm, complaint_id: UUID) -> Complaint:
    with firm.work():
        return queries.complaint(complaint_id)


def numbers(firm: Firm) -> list[str]:
    with firm.work() as session:
        return sorted(number for (number,) in session.query(Complaint.number))


def test_a_line_of_text_is_enough_and_the_rest_has_defaults(acme: Firm) -> None:
    page = acme.client().post(f"{acme.url}/complaints/new", data={"what": "Handle broken"}, follow_redirects=True).text

    assert f"R-{clock.now().year}-0001 Handle broken" in page
    with acme.work() as session:
        kept = session.query(Complaint).one()
    assert (kept.priority, kept.state, kept.author_id) == (Priority.NORMAL, ComplaintState.OPEN, acme.owner_id)
    assert kept.due > clock.now() + timedelta(days=2)


def test_a_photo_for_which_there_is_no_room_leaves_what_was_typed(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(quotas(), upload_bytes=100)
    monkeypatch.setattr("tenants.quotas.quotas", lambda: small)
    photo = (io.BytesIO(b"\xff\xd8\xff" + bytes(100)), "crack.jpg")

    answer = acme.client().post(f"{acme.url}/complaints/new", data={"what": "The glass is cracked", "photo": photo})

    assert answer.status_code == 422
    assert "“crack.jpg” is too large" in answer.text
    assert form_values(answer.text)["what"] == "The glass is cracked"
    assert numbers(acme) == []


def test_the_form_tells_the_browser_how_large_photos_may_be(acme: Firm) -> None:
    page = acme.client().get(f"{acme.url}/complaints/new").text

    assert 'data-most-bytes="25000000"' in page


def test_without_a_word_nothing_is_kept_and_the_form_says_so(acme: Firm) -> None:
    answer = acme.client().post(f"{acme.url}/complaints/new", data={"what": "  ", "details": "Since Monday"})

    assert answer.status_code == 422
    assert "Please fill this in." in answer.text
    assert "Since Monday" in answer.text
    assert numbers(acme) == []


def test_numbers_follow_each_other_and_begin_anew_each_year(acme: Firm, globex: Firm) -> None:
    new_year = datetime(2027, 12, 31, 23, 30, tzinfo=UTC)
    with acme.work():
        for at in (MONDAY, MONDAY, new_year):
            actions.enter(Draft(what="Scratched"), at=at)
    with globex.work():
        actions.enter(Draft(what="Scratched"), at=MONDAY)

    # Where the firm lives, the last one was entered in the new year already.
    assert numbers(acme) == ["R-2026-0001", "R-2026-0002", "R-2028-0001"]
    assert numbers(globex) == ["R-2026-0001"]


def test_what_is_not_saved_leaves_no_gap(acme: Firm) -> None:
    with pytest.raises(RuntimeError), acme.work():
        actions.enter(Draft(what="Never saved"), at=MONDAY)
        raise RuntimeError
    enter(acme)

    assert [number[-4:] for number in numbers(acme)] == ["0001"]


def test_two_who_enter_at_once_get_two_numbers(acme: Firm) -> None:
    barrier = Barrier(2)

    def complain() -> None:
        with acme.work():
            barrier.wait(10)
            actions.enter(Draft(what="At once"), at=MONDAY)

    threads = [Thread(target=complain) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert numbers(acme) == ["R-2026-0001", "R-2026-0002"]


@pytest.mark.parametrize(
    ("priority", "due"), [(Priority.HIGH, "2026-11-30"), (Priority.NORMAL, "2026-12-02"), (Priority.LOW, "2026-12-04")]
)
def test_what_is_entered_on_a_friday_is_due_in_the_next_week(priority: Priority, due: str) -> None:
    friday = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)

    assert usual_due(priority, entered=friday).isoformat() == f"{due}T17:00:00+00:00"


def test_a_due_time_is_the_firms_own_time(acme: Firm) -> None:
    form = {"what": "Noise", "due_day": "2026-07-01", "due_time": "08:15"}
    acme.client().post(f"{acme.url}/complaints/new", data=form)

    with acme.work() as session:
        assert session.query(Complaint.due).scalar() == datetime(2026, 7, 1, 6, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"due_day": "tomorrow"}, "This is not a date."),
        ({"due_time": "08:15"}, "Please choose the day too."),
        ({"due_day": "2026-07-01", "due_time": "late"}, "This is not a time."),
        ({"priority": "huge"}, "Please choose one of the entries."),
        ({"assignee_id": "01900000-0000-7000-8000-000000000000"}, "Please choose one of the entries."),
    ],
)
def test_what_cannot_be_is_said_at_its_field(acme: Firm, wrong: dict[str, str], said: str) -> None:
    answer = acme.client().post(f"{acme.url}/complaints/new", data={"what": "Noise", **wrong})

    assert answer.status_code == 422
    assert said in answer.text
    assert numbers(acme) == []


def test_a_complaint_is_acknowledged_settled_and_reopened(acme: Firm) -> None:
    complaint_id = enter(acme)
    client, address = acme.client(), f"{acme.url}/complaints/{complaint_id}"

    page = client.post(f"{address}/acknowledge", follow_redirects=True).text
    assert "The complaint is acknowledged." in page
    assert f"{address}/withdraw" in page
    taken = read(acme, complaint_id)
    assert (taken.state, taken.acknowledged_by_id, taken.assignee_id) == ("in_work", acme.owner_id, acme.owner_id)

    page = client.post(f"{address}/settle", data={"settled_how": "A new seal"}, follow_redirects=True).text
    assert "A new seal" in page
    assert read(acme, complaint_id).settled_at is not None

    page = client.post(f"{address}/reopen", follow_redirects=True).text
    again = read(acme, complaint_id)
    assert (again.state, again.settled_at, again.settled_how) == ("in_work", None, None)
    told = client.get(f"{address}?show=timeline").text
    assert "<ins>Settled</ins>" in told
    assert "<del>A new seal</del>" in told
    assert "<ins>Ada Owner</ins>" in told


def test_an_acknowledgement_is_undone_by_one_press(acme: Firm) -> None:
    complaint_id = enter(acme)
    client, address = acme.client(), f"{acme.url}/complaints/{complaint_id}"

    client.post(f"{address}/acknowledge")
    client.post(f"{address}/withdraw")

    taken_back = read(acme, complaint_id)
    assert (taken_back.state, taken_back.acknowledged_by_id, taken_back.acknowledged_at) == ("open", None, None)


def test_on_a_page_that_is_old_nothing_is_done_twice_and_nobody_is_scared(acme: Firm) -> None:
    complaint_id = enter(acme)
    client, address = acme.client(), f"{acme.url}/complaints/{complaint_id}"
    client.post(f"{address}/acknowledge")
    taken = read(acme, complaint_id)

    page = client.post(f"{address}/acknowledge", follow_redirects=True)
    assert page.status_code == 200
    assert "Ada Owner has acknowledged this complaint already, just now." in page.text
    assert f"{address}/withdraw" not in page.text
    assert read(acme, complaint_id).acknowledged_at == taken.acknowledged_at

    client.post(f"{address}/settle", data={"settled_how": "A new seal"})
    page = client.post(f"{address}/acknowledge", follow_redirects=True)
    assert "Ada Owner has settled this complaint already, just now." in page.text
    assert client.post(f"{address}/withdraw").status_code == 303
    assert read(acme, complaint_id).state is ComplaintState.SETTLED

    assert [client.post(f"{address}/reopen").status_code for _ in range(2)] == [303, 303]
    assert read(acme, complaint_id).state is ComplaintState.IN_WORK


def test_who_reopens_on_an_old_page_does_not_take_back_what_was_settled_since(acme: Firm) -> None:
    complaint_id = enter(acme)
    client, address = acme.client(), f"{acme.url}/complaints/{complaint_id}"
    client.post(f"{address}/settle", data={"settled_how": "A new seal"})
    old = re.search(rf'action="({re.escape(address)}/reopen[^"]*)"', client.get(address).text)
    assert old is not None
    client.post(f"{address}/reopen")
    client.post(f"{address}/settle", data={"settled_how": "A new pump"})

    page = client.post(old[1].replace("&amp;", "&"), follow_redirects=True).text

    assert "Ada Owner has settled this complaint already, just now." in page
    assert read(acme, complaint_id).settled_how == "A new pump"
    now = re.search(rf'action="({re.escape(address)}/reopen[^"]*)"', client.get(address).text)
    assert now is not None
    client.post(now[1])
    assert read(acme, complaint_id).state is ComplaintState.OPEN


def test_a_settlement_can_be_told_in_better_words(acme: Firm) -> None:
    complaint_id = enter(acme)
    client, address = acme.client(), f"{acme.url}/complaints/{complaint_id}/settle"
    client.post(address, data={"settled_how": "A new seal"})
    settled = read(acme, complaint_id)

    client.post(address, data=form_values(client.get(address).text) | {"settled_how": "A new seal, paid by us"})

    told = read(acme, complaint_id)
    assert (told.settled_how, told.settled_at) == ("A new seal, paid by us", settled.settled_at)


def test_how_it_was_settled_must_be_said(acme: Firm) -> None:
    complaint_id = enter(acme)

    answer = acme.client().post(f"{acme.url}/complaints/{complaint_id}/settle", data={"settled_how": ""})

    assert answer.status_code == 422
    assert read(acme, complaint_id).state is ComplaintState.OPEN


def test_a_complaint_refuses_what_does_not_follow(acme: Firm) -> None:
    complaint, me = read(acme, enter(acme)), acme.owner_id

    with pytest.raises(NotAcknowledged):
        complaint.withdraw_acknowledgement()
    with pytest.raises(NotSettled):
        complaint.reopen()
    complaint.acknowledge(by=me, at=MONDAY)
    with pytest.raises(AlreadyAcknowledged):
        complaint.acknowledge(by=me, at=MONDAY)
    complaint.settle(how="Replaced", by=me, at=MONDAY)
    with pytest.raises(AlreadySettled):
        complaint.settle(how="Replaced twice", by=me, at=MONDAY)
    with pytest.raises(AlreadySettled):
        complaint.acknowledge(by=me, at=MONDAY)

    assert complaint.settled_how == "Replaced"


def test_the_list_begins_with_what_is_due_first_and_ends_with_what_is_settled(acme: Firm) -> None:
    now = clock.now()
    settled = enter(acme, "Settled long ago", due=now - timedelta(days=9))
    enter(acme, "Due next week", due=now + timedelta(days=7))
    enter(acme, "Overdue", due=now - timedelta(days=1))
    client = acme.client()
    client.post(f"{acme.url}/complaints/{settled}/settle", data={"settled_how": "Done"})

    page = client.get(f"{acme.url}/complaints").text
    assert page.index("Overdue") < page.index("Due next week") < page.index("Settled long ago")
    assert page.count(", overdue</td>") == 1

    only = client.get(f"{acme.url}/complaints?state=settled&assignee=&priority=normal").text
    assert "Settled long ago" in only
    assert "Due next week" not in only


def test_the_list_is_narrowed_to_a_colleague(acme: Firm) -> None:
    enter(acme, "Mine", assignee_id=acme.owner_id)
    enter(acme, "Nobodys")

    page = acme.client().get(f"{acme.url}/complaints?assignee={acme.owner_id}").text

    assert "Mine" in page
    assert "Nobodys" not in page


def test_it_is_found_by_its_number_and_by_its_words(acme: Firm) -> None:
    enter(acme, "Türgriff wackelt", details="Seit dem Umbau im Flur")
    enter(acme, "Lieferung zu spät")
    client = acme.client()
    year = clock.now().year

    for words in (f"R-{year}-0001", f"{year}-0001", "tuergriff", "umbau flur"):
        page = client.get(f"{acme.url}/search", query_string={"q": words}).text
        assert "Türgriff wackelt" in page, words
        assert "Lieferung" not in page, words


def test_contact_and_employer_tell_what_they_complained_about(acme: Firm) -> None:
    company_id = add_company(acme)
    contact_id = add_contact(acme, company="Hafen & Söhne KG")
    client = acme.client()
    form = {"what": "Wrong colour", "from_whom": "Jürgen Müller"}
    client.post(f"{acme.url}/complaints/new", data=form)
    with acme.work() as session:
        complaint = session.query(Complaint).one()
    assert (complaint.contact_id, complaint.company_id) == (contact_id, company_id)
    client.post(f"{acme.url}/complaints/{complaint.id}/settle", data={"settled_how": "Painted anew"})
    client.post(f"{acme.url}/activities/complaint/{complaint.id}", data={"kind": "note", "text": "He was friendly."})

    for address in (f"contacts/{contact_id}", f"companies/{company_id}"):
        page = client.get(f"{acme.url}/{address}").text
        assert f"Complaint {complaint.number} is settled" in page
        assert "Painted anew" in page
        assert "He was friendly." in page
        assert f'href="{acme.url}/complaints/{complaint.id}"' in page


def test_whom_it_comes_from_is_chosen_where_several_are_called_so(acme: Firm) -> None:
    add_contact(acme, company="Hafen KG")
    wanted = add_contact(acme, company="Weingut Nord")
    client = acme.client()
    form = {"what": "Cork", "from_whom": "Jürgen Müller"}

    asked = client.post(f"{acme.url}/complaints/new", data=form)
    assert asked.status_code == 422
    assert "Several are called this." in asked.text
    assert "Please choose the photo again" not in asked.text
    assert "Jürgen Müller · Weingut Nord" in asked.text

    client.post(f"{acme.url}/complaints/new", data={**form, "choice": f"contact:{wanted}"})
    with acme.work() as session:
        assert session.query(Complaint.contact_id).scalar() == wanted

    client.post(f"{acme.url}/complaints/new", data={**form, "from_whom": "jürgen müller · hafen kg"})
    assert len(numbers(acme)) == 2


def test_nobody_is_made_up_from_a_name_that_is_not_known(acme: Firm) -> None:
    answer = acme.client().post(f"{acme.url}/complaints/new", data={"what": "Cork", "from_whom": "Xaver Unbekannt"})

    assert answer.status_code == 422
    assert "Nobody of this name is known." in answer.text
    assert numbers(acme) == []


def test_a_form_that_comes_back_with_a_photo_says_that_it_is_to_be_chosen_again(acme: Firm) -> None:
    photo = (io.BytesIO(picture("JPEG")), "broken.jpg")

    answer = acme.client().post(
        f"{acme.url}/complaints/new", data={"what": "Noise", "from_whom": "Nobody", "photo": photo}
    )

    assert answer.status_code == 422
    assert '<noscript><p class="field-help">Please choose the photo again' in answer.text


def test_what_is_typed_is_suggested(acme: Firm) -> None:
    add_contact(acme, company="Hafen <KG>")

    found = acme.client().get(f"{acme.url}/complaints/from-whom?q=mül").text

    assert '<option value="Jürgen Müller · Hafen &lt;KG&gt;">' in found


def test_from_the_page_of_a_company_it_comes_from_there(acme: Firm) -> None:
    company_id = add_company(acme)
    client, address = acme.client(), f"{acme.url}/complaints/new?of=company:{company_id}"

    form = form_values(client.get(address).text) | {"what": "Noise"}
    client.post(f"{acme.url}/complaints/new", data=form)

    with acme.work() as session:
        assert session.query(Complaint.company_id).scalar() == company_id


def test_who_edits_an_older_version_is_told_and_loses_nothing(acme: Firm) -> None:
    complaint_id = enter(acme)
    client, address = acme.client(), f"{acme.url}/complaints/{complaint_id}/edit"
    form = form_values(client.get(address).text)
    client.post(address, data=form | {"what": "The pump leaks a lot"})

    late = client.post(address, data=form | {"what": "The pump drips"})

    assert late.status_code == 409
    assert "The pump drips" in late.text
    assert read(acme, complaint_id).what == "The pump leaks a lot"


def test_an_edited_complaint_keeps_what_was_not_touched(acme: Firm) -> None:
    contact_id = add_contact(acme, company="Hafen KG")
    complaint_id = enter(acme, contact_id=contact_id, due=MONDAY, priority=Priority.HIGH, details="Twice")
    client, address = acme.client(), f"{acme.url}/complaints/{complaint_id}/edit"

    client.post(address, data=form_values(client.get(address).text) | {"what": "Anew"})

    kept = read(acme, complaint_id)
    assert (kept.what, kept.details, kept.priority) == ("Anew", "Twice", Priority.HIGH)
    assert (kept.contact_id, kept.due) == (contact_id, MONDAY.replace(second=0))
    assert kept.company_id is not None


@pytest.mark.parametrize("kind", ["contact", "company"])
def test_an_edited_complaint_keeps_whom_it_came_from_although_they_lie_in_the_bin(acme: Firm, kind: str) -> None:
    contact_id, company_id = add_contact(acme), add_company(acme)
    origin = {"contact_id": contact_id, "company_id": company_id} if kind == "contact" else {"company_id": company_id}
    complaint_id = enter(acme, **origin)
    client, address = acme.client(), f"{acme.url}/complaints/{complaint_id}/edit"
    client.post(f"{acme.url}/contacts/{contact_id}/delete")
    client.post(f"{acme.url}/companies/{company_id}/delete")

    page = client.get(address).text
    refused = client.post(address, data=form_values(page) | {"what": ""}).text
    client.post(address, data=form_values(refused) | {"what": "Anew"})

    name = "Jürgen Müller" if kind == "contact" else "Hafen &amp; Söhne KG"
    assert f"{name} (in the recycle bin)" in page
    kept = read(acme, complaint_id)
    assert (kept.what, kept.contact_id, kept.company_id) == ("Anew", origin.get("contact_id"), company_id)


def test_whom_an_edited_complaint_came_from_can_be_taken_out_although_they_lie_in_the_bin(acme: Firm) -> None:
    contact_id = add_contact(acme)
    complaint_id = enter(acme, contact_id=contact_id)
    client, address = acme.client(), f"{acme.url}/complaints/{complaint_id}/edit"
    client.post(f"{acme.url}/contacts/{contact_id}/delete")

    client.post(address, data=form_values(client.get(address).text) | {"from_whom": ""})

    assert read(acme, complaint_id).contact_id is None


def test_an_edited_complaint_keeps_its_assignee_who_has_left(acme: Firm) -> None:
    bodo = colleague(acme)
    complaint_id = enter(acme, assignee_id=bodo.user_id)
    client, address = acme.client(), f"{acme.url}/complaints/{complaint_id}/edit"
    with acme.work():
        users.deactivate(users_found.user_to_change(bodo.user_id), heir=None)

    page = client.get(address).text
    client.post(address, data=form_values(page) | {"what": "Anew"})
    new = client.post(f"{acme.url}/complaints/new", data={"what": "Noise", "assignee_id": str(bodo.user_id)})

    assert "Bodo Berg (has left)" in page
    kept = read(acme, complaint_id)
    assert (kept.what, kept.assignee_id) == ("Anew", bodo.user_id)
    assert "Please choose one of the entries." in new.text


def test_what_was_deleted_comes_back_with_its_number(acme: Firm) -> None:
    complaint_id = enter(acme)
    client = acme.client()

    client.post(f"{acme.url}/complaints/{complaint_id}/delete")
    assert client.get(f"{acme.url}/complaints/{complaint_id}").status_code == 404
    client.post(f"{acme.url}/recycle-bin/complaint/{complaint_id}/restore")

    assert "-0001 The pump leaks." in client.get(f"{acme.url}/complaints/{complaint_id}").text


def test_whoever_leaves_hands_over_what_is_not_settled(acme: Firm) -> None:
    from app.users.models import User
    from tenants.db import new_id
    from tenants.models import Role

    heir = new_id()
    with acme.work():
        users.add_user(user_id=heir, name="Hanna Heir", email="hanna@acme.example", role=Role.MEMBER)
    open_one, settled = (enter(acme, assignee_id=acme.owner_id) for _ in range(2))
    acme.client().post(f"{acme.url}/complaints/{settled}/settle", data={"settled_how": "Done"})
    try:
        with acme.work():
            assert actions.handover(acme.owner_id, heir) == 1

        assert read(acme, open_one).assignee_id == heir
        assert read(acme, settled).assignee_id == acme.owner_id
    finally:
        with acme.work() as session:
            session.query(Complaint).delete()
            session.query(User).filter(User.id == heir).delete()


def test_home_is_told_what_is_due_first(acme: Firm) -> None:
    now = clock.now()
    contact_id = add_contact(acme)
    late = enter(acme, "Later", due=now + timedelta(days=2))
    soon = enter(acme, "Soon", due=now + timedelta(days=1), contact_id=contact_id, assignee_id=acme.owner_id)
    settled = enter(acme, "Done", due=now)
    acme.client().post(f"{acme.url}/complaints/{settled}/settle", data={"settled_how": "Done"})

    with acme.work():
        found = queries.open_ones(10)

    assert [row.id for row in found] == [soon, late]
    assert (found[0].what, found[0].contact, found[0].assignee) == ("Soon", "Jürgen Müller", "Ada Owner")


def test_a_list_takes_as_few_statements_for_many_as_for_one(acme: Firm) -> None:
    client = acme.client()
    enter(acme)
    client.get(f"{acme.url}/complaints")
    counts = []
    for _ in range(2):
        with counted_statements(acme.app) as statements:
            client.get(f"{acme.url}/complaints")
        counts.append(len(statements))
        for _ in range(20):
            enter(acme, contact_id=add_contact(acme), assignee_id=acme.owner_id)

    assert counts[0] == counts[1] <= 5
