"""Changes come in, people are told: once each, and only those whom it concerns."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, text

from app.core.entities import EntityRef
from app.notifications.models import Delivery, DeliveryState, Event
from tenants import clock
from tenants.models import Mail
from tests.app.escalation.stories import complain, give
from tests.colleagues import colleague
from tests.firms import Firm
from tests.forwarding import forward, told
from tests.pages import form_values
from tests.records import add_contact, add_many


def marks(firm: Firm) -> int:
    from tenants.db import platform_reading

    with firm.app.app_context(), platform_reading() as session:
        counted = text("SELECT count(*) FROM platform.outbox WHERE role = :role")
        return session.scalar(counted, {"role": firm.scope.pg_schema}) or 0


def test_a_new_complaint_is_told_to_whoever_runs_the_firm_but_not_to_whoever_entered_it(desk: Firm) -> None:
    admin = colleague(desk, name="Cora Chef", role="admin")
    colleague(desk, name="Bodo Berg", role="member")

    complain(desk, what="Bent frame")
    forward(desk.app)

    assert [(one.user_id, one.event, one.title) for one in told(desk)] == [
        (admin.user_id, Event.CREATED, f"R-{clock.now().year}-0001 Bent frame")
    ]


def test_whoever_is_assigned_is_told_in_the_app_and_by_mail_in_their_language(desk: Firm) -> None:
    bodo = colleague(desk, name="Bodo Berg")
    complaint = complain(desk)
    forward(desk.app)

    give(desk, complaint, to=bodo.user_id)
    forward(desk.app)

    assert [(one.user_id, one.rule) for one in told(desk)] == [(bodo.user_id, "complaint-assigned")]
    with desk.work() as session:
        assert [(d.state, d.attempts) for d in session.scalars(select(Delivery))] == [(DeliveryState.SENT, 1)]
    (letter,) = letters(desk)
    assert letter.recipient == bodo.email
    (notification,) = told(desk)
    assert f"/acme/notifications/{notification.id}" in letter.body
    assert "Ada Owner has changed this." in letter.body


def letters(firm: Firm) -> list[Mail]:
    from tenants.db import platform_reading

    with firm.app.app_context(), platform_reading() as session:
        return list(session.scalars(select(Mail)))


def test_who_follows_a_contact_hears_of_a_new_telephone_number_once(desk: Firm) -> None:
    bodo = colleague(desk)
    contact = add_contact(desk)
    follow(desk, bodo.user_id, EntityRef("contact", contact))
    forward(desk.app)

    edit(desk, contact)
    forward(desk.app)

    assert [(one.user_id, one.event, one.record_id) for one in told(desk)] == [(bodo.user_id, Event.CHANGED, contact)]


def edit(firm: Firm, contact: UUID) -> None:
    """Another name, and a telephone number that was not there."""
    client, address = firm.client(), f"{firm.url}/contacts/{contact}/edit"
    entered = form_values(client.get(address).text)
    point = {"points-0-kind": "phone", "points-0-label": "work", "points-0-value": "040 66969-123"}
    answer = client.post(address, data={**entered, **point, "family_name": "Meier"})
    assert answer.status_code in {302, 303}


def follow(firm: Firm, user_id: UUID, ref: EntityRef) -> None:
    from app.following.models import Follow

    with firm.work() as session:
        session.add(Follow(user_id=user_id, kind=ref.type, record_id=ref.id))


def test_forwarding_leaves_nothing_behind_and_takes_nothing_twice(desk: Firm) -> None:
    colleague(desk, name="Cora Chef", role="admin")
    complain(desk)

    forward(desk.app)
    first = told(desk)
    forward(desk.app)

    assert len(told(desk)) == len(first) == 1
    assert marks(desk) == 0
    with desk.work() as session:
        assert session.scalar(text("SELECT count(*) FROM unrouted")) == 0
        positions = session.scalars(text("SELECT position FROM routed ORDER BY position")).all()
    assert positions == list(range(positions[0], positions[0] + len(positions)))


def test_what_raw_sql_changed_without_a_mark_is_found_by_the_sweep(desk: Firm) -> None:
    from tenants import lanes, relay
    from tests.tenants.attacks import as_operator

    cora = colleague(desk, name="Cora Chef", role="admin")
    contact = add_contact(desk)
    follow(desk, cora.user_id, EntityRef("contact", contact))
    with desk.app.app_context():
        # What other firms left waiting is no part of this story.
        relay.sweep()
        lanes.worker().work(burst=True, logging_level="CRITICAL")
    as_operator(f"UPDATE {desk.scope.pg_schema}.contacts SET family_name = 'Raw' WHERE id = '{contact}'")
    assert marks(desk) == 0

    with desk.app.app_context():
        found = relay.sweep()
        lanes.worker().work(burst=True, logging_level="CRITICAL")

    assert found == 1
    assert [(one.user_id, one.actor_id) for one in told(desk)] == [(cora.user_id, None)]


def test_a_statement_that_changed_more_than_a_turn_takes_is_taken_up_in_pieces_without_gaps(desk: Firm) -> None:
    from app.escalation.forwarding import QUANTUM
    from tenants.turns import Left

    add_many(desk, "contact", [{"family_name": f"Nr. {number}"} for number in range(2 * QUANTUM + 7)])

    turns = [take_a_turn(desk) for _ in range(20)]

    assert turns[0] is turns[1] is Left.MORE
    assert turns[-1] is Left.NOTHING
    with desk.work() as session:
        changes = session.scalar(text("SELECT count(*) FROM change"))
        routed = session.execute(text("SELECT min(position), max(position), count(*) FROM routed")).one()
    assert routed[1] - routed[0] + 1 == routed[2] == changes


def take_a_turn(firm: Firm) -> str:
    from app.escalation.forwarding import forward as turn
    from tenants import registry

    with firm.app.app_context():
        return turn(registry.find(firm.scope.tenant_id))


def test_while_one_worker_takes_up_changes_another_goes_away(desk: Firm) -> None:
    from tenants.turns import Left

    colleague(desk, name="Cora Chef", role="admin")
    complain(desk)
    with desk.work() as session:
        session.execute(text("SELECT FROM router FOR UPDATE"))

        other = take_a_turn(desk)

    assert other is Left.UNKNOWN
    assert marks(desk) > 0
    forward(desk.app)
    assert len(told(desk)) == 1


def test_whoever_may_not_see_a_record_and_whoever_has_left_is_not_told(desk: Firm) -> None:
    from tests.colleagues import leave

    bodo = colleague(desk)
    contact = add_contact(desk)
    follow(desk, bodo.user_id, EntityRef("contact", contact))
    leave(bodo)
    forward(desk.app)

    edit(desk, contact)
    forward(desk.app)

    assert told(desk) == []


def test_nothing_of_one_firm_is_told_in_another(desk: Firm, globex: Firm) -> None:
    colleague(desk, name="Cora Chef", role="admin")
    colleague(globex, name="Gero Globex", role="admin")

    complain(desk)
    forward(desk.app)

    assert len(told(desk)) == 1
    assert told(globex) == []
