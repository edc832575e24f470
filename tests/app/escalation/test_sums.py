"""What one thing brings at once, as an import of hundreds, is told as one; a rule may still ask for each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from app.escalation.rules import Definition, Telling
from app.notifications.models import Channel, Delivery, Event
from tenants.models import Mail
from tests.app.escalation.stories import complain, give
from tests.app.escalation.test_forwarding import letters, take_a_turn
from tests.app.imports.lists import draft, launch, work_off
from tests.app.selection.selecting import act
from tests.colleagues import Colleague, colleague
from tests.firms import Firm
from tests.forwarding import forward, told, travel
from tests.records import add_contact, add_many

NEW_CONTACT = Definition(
    subject="contact", events=frozenset({Event.CREATED}), telling=Telling(to=("role:admin",), by_mail=True)
)
ROWS = 600


def rule(firm: Firm, definition: Definition = NEW_CONTACT) -> None:
    from app.escalation import actions

    with firm.work():
        actions.add_rule(name="New contacts", definition=definition, active=True)


def cora(firm: Firm) -> Colleague:
    return colleague(firm, name="Cora Chef", role="admin")


def bring_in(firm: Firm) -> str:
    rows = "".join(f"Nr. {number};Person\r\n" for number in range(ROWS))
    one = draft(firm, f"Vorname;Nachname\r\n{rows}")
    launch(firm, one)
    work_off(firm)
    return str(one)


def mails(firm: Firm) -> list[Mail]:
    """What has left once a sum has settled."""
    travel(timedelta(minutes=1))
    forward(firm.app)
    return letters(firm)


def test_an_import_of_hundreds_is_one_notice_and_one_mail_that_lead_to_it(desk: Firm) -> None:
    admin = cora(desk)
    rule(desk)
    import_id = bring_in(desk)

    forward(desk.app)

    (notice,) = told(desk)
    assert (notice.user_id, notice.number, notice.event, notice.subject) == (
        admin.user_id,
        ROWS,
        Event.CREATED,
        "contact",
    )
    client = admin.client()
    inbox = client.get(f"{desk.url}/notifications").text
    assert f"Contacts: {ROWS}" in inbox
    assert f"Ada Owner has entered {ROWS} records." in inbox
    page = client.get(f"{desk.url}/notifications/{notice.id}", follow_redirects=True).text
    assert f"/imports/{import_id}" in page
    assert "Nr. 1 Person" in page
    assert "further ones" in page
    (letter,) = mails(desk)
    assert f"Contacts: {ROWS}" in letter.subject
    assert f"Ada Owner has entered {ROWS} records." in letter.body


def test_killed_between_two_turns_the_sum_counts_on_and_nothing_counts_twice(desk: Firm) -> None:
    cora(desk)
    rule(desk)
    bring_in(desk)

    take_a_turn(desk)
    (before,) = told(desk)
    while take_a_turn(desk) == "more":
        pass

    (after,) = told(desk)
    assert 0 < before.number < after.number == ROWS
    assert after.id == before.id


def test_a_rule_may_ask_for_each_one_by_itself(desk: Firm) -> None:
    cora(desk)
    rule(desk, replace(NEW_CONTACT, each=True))
    with desk.work():
        pass
    add_many(desk, "contact", [{"family_name": f"Nr. {number}"} for number in range(7)])

    forward(desk.app)

    assert [one.number for one in told(desk)] == [1] * 7
    assert len(mails(desk)) == 7


def test_a_change_of_many_records_is_one_notice_and_leads_to_it(desk: Firm) -> None:
    admin = cora(desk)
    changed = Definition(
        subject="contact", events=frozenset({Event.DELETED}), telling=Telling(to=("role:admin",), by_mail=True)
    )
    rule(desk, changed)
    ids = [add_contact(desk, family_name=f"Nr. {number}") for number in range(5)]
    forward(desk.app)

    bulk = act(desk, "selection.delete", ids)
    forward(desk.app)

    (notice,) = told(desk)
    assert (notice.number, notice.event) == (5, Event.DELETED)
    page = admin.client().get(f"{desk.url}/notifications/{notice.id}/records").text
    assert f"/selection/{bulk}" in page


def test_what_somebody_who_leaves_hands_over_is_told_as_one(desk: Firm) -> None:
    bodo, heir = colleague(desk, name="Bodo Berg"), colleague(desk, name="Hedi Heir")
    for _ in range(4):
        give(desk, complain(desk), to=bodo.user_id)
    forward(desk.app)

    left = desk.client().post(f"{desk.url}/users/{bodo.user_id}/deactivate", data={"heir": str(heir.user_id)})
    forward(desk.app)

    assert left.status_code == 303
    (notice,) = [one for one in told(desk) if one.user_id == heir.user_id]
    assert (notice.rule, notice.number) == ("complaint-assigned", 4)


def test_what_is_added_later_makes_a_read_sum_unread_and_sends_no_second_mail(desk: Firm) -> None:
    admin = cora(desk)
    rule(desk)
    bring_in(desk)
    take_a_turn(desk)
    (notice,) = told(desk)
    admin.client().post(f"{desk.url}/notifications/read")

    forward(desk.app)

    (grown,) = told(desk)
    assert grown.id == notice.id
    assert grown.read_at is None
    with desk.work() as session:
        assert len(session.scalars(select(Delivery.id).where(Delivery.channel == Channel.MAIL)).all()) == 1


def test_two_things_that_somebody_does_are_told_as_two(desk: Firm) -> None:
    cora(desk)
    rule(desk)
    for number in range(2):
        add_contact(desk, family_name=f"Nr. {number}")

    forward(desk.app)

    assert [one.number for one in told(desk)] == [1, 1]
