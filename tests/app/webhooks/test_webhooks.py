"""What happens in a firm is told to whoever it has named, signed, once, and again until it is taken."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.notifications.models import DeliveryState
from tenants import outbound
from tests.app.escalation.stories import complain
from tests.app.escalation.test_forwarding import edit, letters
from tests.app.webhooks.hooks import Hook, deliveries, hook, shown_secret
from tests.colleagues import colleague
from tests.firms import Firm
from tests.forwarding import forward, told, travel
from tests.programs import program
from tests.receiver import Receiver, verified
from tests.records import add_company, add_contact, add_many


def test_a_new_contact_with_two_numbers_is_told_once_and_signed(firm: Firm, shop: Receiver) -> None:
    made = hook(firm, shop.url)

    contact = add_contact(firm, email="j@hafen.example", phone="040 66969 1")
    forward(firm.app)

    (call,) = shop.calls
    said = verified(call, made.secret)
    (delivery,) = made.deliveries()
    assert call.id == str(delivery.id)
    assert (said["type"], said["data"]["kind"], said["data"]["id"]) == ("contact.created", "contact", str(contact))
    assert said["data"]["title"] == "Jürgen Müller"
    assert said["data"]["actor_id"] == str(firm.owner_id)
    assert said["data"]["old"] is None
    assert said["data"]["new"]["family_name"] == "Müller"
    assert "points" in said["data"]["changed"]
    assert (delivery.state, delivery.attempts, delivery.answer) == (DeliveryState.SENT, 1, 204)


def test_a_change_says_what_was_and_what_is(firm: Firm, shop: Receiver) -> None:
    contact = add_contact(firm)
    forward(firm.app)
    made = hook(firm, shop.url)

    edit(firm, contact)
    forward(firm.app)

    (call,) = shop.calls
    said = verified(call, made.secret)
    assert said["type"] == "contact.updated"
    assert said["data"]["old"] == {"family_name": "Müller"}
    assert said["data"]["new"] == {"family_name": "Meier"}
    assert said["data"]["changed"] == ["family_name", "points"]


def test_what_is_thrown_away_is_told_as_deleted_and_without_what_it_said(firm: Firm, shop: Receiver) -> None:
    contact = add_contact(firm)
    made = hook(firm, shop.url, events=("deleted",))

    firm.client().post(f"{firm.url}/contacts/{contact}/delete")
    forward(firm.app)

    (call,) = shop.calls
    said = verified(call, made.secret)
    assert (said["type"], said["data"]["new"]) == ("contact.deleted", None)


def test_a_task_is_told_as_the_interface_has_it_and_is_there_again_when_taken_back(firm: Firm, shop: Receiver) -> None:
    made, program_ = hook(firm, shop.url, kinds=("task",)), program(firm)
    task = program_.post(f"{firm.url}/api/v1/tasks", json={"text": "Call.", "due_on": "2027-03-01"}).json
    forward(firm.app)

    program_.patch(f"{firm.url}/api/v1/tasks/{task['id']}", json={"text": "Write."}, headers={"If-Match": "*"})
    forward(firm.app)
    program_.delete(f"{firm.url}/api/v1/tasks/{task['id']}")
    # What waits together is sent at the same time.
    forward(firm.app)
    firm.client().post(f"{firm.url}/recycle-bin/task/{task['id']}/restore")
    forward(firm.app)

    said = [verified(call, made.secret) for call in shop.calls]
    new, changed = said[0]["data"]["new"], said[1]["data"]
    assert [one["type"] for one in said] == ["task.created", "task.updated", "task.deleted", "task.restored"]
    assert new == {name: task[name] for name in new}
    assert (changed["changed"], changed["old"], changed["new"]) == (["text"], {"text": "Call."}, {"text": "Write."})
    assert "restored from the recycle bin" in firm.client().get(made.url).text


def test_a_tag_put_on_a_company_is_told_of_the_company(firm: Firm, shop: Receiver) -> None:
    company = add_company(firm)
    forward(firm.app)
    made, tag = hook(firm, shop.url, kinds=("company", "contact")), program(firm)
    tag_id = tag.post(f"{firm.url}/api/v1/tags", json={"name": "Messe"}).json["id"]

    tag.put(f"{firm.url}/api/v1/companies/{company}/tags/{tag_id}")
    forward(firm.app)

    (said,) = [verified(call, made.secret) for call in shop.calls]
    assert (said["type"], said["data"]["id"], said["data"]["changed"]) == ("company.updated", str(company), ["tags"])


def test_only_what_was_asked_for_is_told(firm: Firm, shop: Receiver) -> None:
    hook(firm, shop.url, kinds=("company", "complaint"), events=("created",))

    add_contact(firm)
    company = add_company(firm)
    complain(firm)
    edit_company(firm, company)
    forward(firm.app)

    assert sorted(call.json["type"] for call in shop.calls) == ["company.created", "complaint.created"]


def edit_company(firm: Firm, company: UUID) -> None:
    from app.companies.models import Company

    with firm.work() as session:
        session.get_one(Company, company).name = "Werft AG"


def test_whoever_does_not_know_the_secret_cannot_sign(firm: Firm, shop: Receiver) -> None:
    hook(firm, shop.url)
    other = hook(firm, shop.url)

    add_contact(firm)
    forward(firm.app)

    mine, others = shop.calls
    mine, others = (others, mine) if mine.id == str(other.deliveries()[0].id) else (mine, others)
    with pytest.raises(AssertionError):
        verified(mine, other.secret)
    verified(others, other.secret)


def test_a_failure_is_tried_again_with_the_same_id_and_signed_anew(firm: Firm, shop: Receiver) -> None:
    made = hook(firm, shop.url)
    shop.says = [(500, {}, b"Oh dear")]

    add_contact(firm)
    forward(firm.app)
    (failed,) = made.deliveries()
    travel(timedelta(seconds=30))
    forward(firm.app)

    first, second = shop.calls
    (delivery,) = made.deliveries()
    assert (failed.state, failed.answer, failed.error) == (DeliveryState.PENDING, 500, "answer")
    assert first.id == second.id == str(delivery.id)
    assert first.body == second.body
    assert verified(second, made.secret, now=later(30))
    assert (delivery.state, delivery.attempts) == (DeliveryState.SENT, 2)


def later(seconds: float) -> float:
    import time

    return time.time() + seconds


@pytest.mark.parametrize(
    ("manner", "error"),
    [("gone", "no_answer"), ("babbling", "no_answer"), ("silent", "too_slow"), ("dripping", "too_slow")],
)
def test_an_answer_that_is_none_is_a_failure(
    firm: Firm, shop: Receiver, manner: str, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 1.0)
    made, shop.manner = hook(firm, shop.url), manner

    add_contact(firm)
    forward(firm.app)

    assert [(one.state, one.error, one.answer) for one in made.deliveries()] == [(DeliveryState.PENDING, error, None)]


def test_a_redirect_is_a_failure_and_a_huge_answer_is_none(firm: Firm, shop: Receiver) -> None:
    made = hook(firm, shop.url)
    shop.says = [(302, {"Location": f"{shop.url}/elsewhere"}, b"")]
    add_contact(firm)
    forward(firm.app)
    shop.says = [(200, {}, b"x" * 5_000_000)]
    travel(timedelta(seconds=30))
    forward(firm.app)

    assert {call.path for call in shop.calls} == {"/hook"}
    assert [(one.state, one.answer) for one in made.deliveries()] == [(DeliveryState.SENT, 200)]


def test_after_a_failure_everything_else_for_the_same_address_waits_too(firm: Firm, shop: Receiver) -> None:
    made = hook(firm, shop.url)
    shop.always = 500
    add_many(firm, "contact", [{"family_name": f"Nr. {number}"} for number in range(30)])

    forward(firm.app)

    # One turn, not three.
    assert len(shop.calls) == 10
    assert {one.state for one in made.deliveries()} == {DeliveryState.PENDING}
    assert min(one.due_at for one in made.deliveries() if one.due_at) > made.deliveries()[0].created_at
    shop.always = 204
    travel(timedelta(seconds=60))
    forward(firm.app)
    assert {one.state for one in made.deliveries()} == {DeliveryState.SENT}
    assert len({call.id for call in shop.calls}) == 30


def fail_for(firm: Firm, hours: float) -> None:
    """Something new happens now and then, and nobody takes it."""
    for minute in range(0, int(hours * 60) + 1, 5):
        travel(timedelta(minutes=minute))
        if minute % 15 == 0:
            add_contact(firm, family_name=f"After {minute}")
        forward(firm.app)


def test_after_an_hour_of_failures_it_is_off_and_whoever_runs_the_firm_is_told_once(firm: Firm, shop: Receiver) -> None:
    cora = colleague(firm, name="Cora Chef", role="admin")
    colleague(firm, name="Bodo Berg", role="member")
    made = hook(firm, shop.url)
    shop.always = 503

    fail_for(firm, 1.5)

    calls = len(shop.calls)
    assert "switched off after failures" in firm.client().get(made.url).text
    assert sorted((one.user_id, one.subject, one.title) for one in told(firm)) == sorted(
        (user, "webhook", "Shop") for user in (firm.owner_id, cora.user_id)
    )
    assert {letter.recipient for letter in letters(firm)} == {"owner@acme.example", cora.email}
    assert all("did not take what was sent" in letter.body for letter in letters(firm))
    add_contact(firm, family_name="Nobody hears of this")
    travel(timedelta(hours=4))
    forward(firm.app)
    assert len(shop.calls) == calls


def test_switched_on_again_it_sends_what_had_waited(firm: Firm, shop: Receiver) -> None:
    made = hook(firm, shop.url)
    shop.always = 503
    fail_for(firm, 1.5)
    waiting = {str(one.id) for one in made.deliveries() if one.state is DeliveryState.PENDING}
    shop.always, shop.calls = 204, []

    made.press("on")
    forward(firm.app)

    assert waiting
    assert {call.id for call in shop.calls} == waiting


def test_whoever_says_gone_is_told_nothing_more(firm: Firm, shop: Receiver) -> None:
    made = hook(firm, shop.url)
    shop.always = 410

    add_contact(firm)
    forward(firm.app)

    assert "switched off after failures" in firm.client().get(made.url).text


def test_a_new_secret_signs_beside_the_one_before_for_a_day(firm: Firm, shop: Receiver) -> None:
    made = hook(firm, shop.url)

    page = firm.client().post(f"{made.url}/secret")
    new = shown_secret(page.text)
    add_contact(firm)
    forward(firm.app)
    travel(timedelta(hours=25))
    add_contact(firm)
    forward(firm.app)

    first, second = shop.calls
    assert new not in {made.secret, ""}
    for secret in (made.secret, new):
        verified(first, secret)
    verified(second, new, now=later(25 * 3600))
    with pytest.raises(AssertionError):
        verified(second, made.secret, now=later(25 * 3600))


def test_a_secret_is_shown_once_and_stands_in_no_journal(firm: Firm, shop: Receiver) -> None:
    made = hook(firm, shop.url)

    page = firm.client().get(made.url)
    with firm.work() as session:
        recorded = session.scalar(text("SELECT string_agg(change::text, '') FROM change"))

    assert shown_secret(page.text) == ""
    assert "webhooks" in recorded
    assert "webhook_secrets" not in recorded


def test_a_test_goes_the_same_way_as_everything(firm: Firm, shop: Receiver) -> None:
    made = hook(firm, shop.url)

    made.press("test")
    forward(firm.app)

    (call,) = shop.calls
    assert verified(call, made.secret)["type"] == "webhook.test"
    assert "delivered" in firm.client().get(made.url).text


def test_what_was_given_up_can_be_sent_again_under_the_same_id(firm: Firm, shop: Receiver) -> None:
    made = hook(firm, shop.url)
    shop.always = 400
    add_contact(firm)
    forward(firm.app)
    with firm.work() as session:
        session.execute(text("UPDATE deliveries SET state = 'dead', due_at = NULL, attempts = 8"))
    shop.always = 204

    (delivery,) = made.deliveries()
    firm.client().post(f"{firm.url}/webhooks/deliveries/{delivery.id}/again")
    forward(firm.app)

    assert [call.id for call in shop.calls] == [str(delivery.id)] * 2
    assert made.deliveries()[0].state is DeliveryState.SENT


def test_deleted_it_is_told_nothing_not_even_what_waits(firm: Firm, shop: Receiver) -> None:
    made = hook(firm, shop.url)
    shop.always = 500
    add_contact(firm)
    forward(firm.app)
    calls = len(shop.calls)

    made.press("delete")
    add_contact(firm)
    travel(timedelta(minutes=10))
    forward(firm.app)

    assert len(shop.calls) == calls
    assert {one.state for one in made.deliveries()} == {DeliveryState.DROPPED}


def test_an_inner_address_is_refused_when_it_is_entered(firm: Firm) -> None:
    for address in ("https://10.0.0.1/", "https://localhost/hook", "http://93.184.215.14/", "https://u:p@8.8.8.8/"):
        entered = {"name": "Shop", "address": address, "kinds": ["contact"], "events": ["created"]}
        answer = firm.client().post(f"{firm.url}/webhooks/new", data=entered)

        assert answer.status_code == 422
        assert "The address leads to where nothing is sent." in answer.text


def test_and_refused_again_when_its_name_leads_inside_by_then(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: what was outside when it was entered is inside when it is called."""
    monkeypatch.setattr(outbound, "_look_up", lambda _host, _port: ["93.184.215.14"])
    made = hook(firm, "https://rebinding.example/hook")
    monkeypatch.setattr(outbound, "_look_up", lambda _host, _port: ["127.0.0.1"])

    add_contact(firm)
    forward(firm.app)

    assert [(one.state, one.error) for one in made.deliveries()] == [(DeliveryState.PENDING, "refused")]


def test_nothing_of_one_firm_is_told_to_anothers_webhook(firm: Firm, globex: Firm, shop: Receiver) -> None:
    theirs: Hook = hook(globex, shop.url)

    add_contact(firm)
    forward(firm.app)

    assert shop.calls == []
    assert deliveries(firm) == theirs.deliveries() == []


def test_a_refusing_receiver_holds_up_no_other_of_the_same_firm(firm: Firm, shop: Receiver) -> None:
    from tests.receiver import receiver

    with receiver() as other:
        hook(firm, shop.url)
        good = hook(firm, other.url)
        shop.always = 500

        add_many(firm, "contact", [{"family_name": f"Nr. {number}"} for number in range(12)])
        forward(firm.app)

        assert {one.state for one in good.deliveries()} == {DeliveryState.SENT}
        assert len(other.calls) == 12


def test_after_a_month_only_what_waits_is_kept(firm: Firm, shop: Receiver) -> None:
    from app.webhooks import upkeep

    made = hook(firm, shop.url)
    add_contact(firm, family_name="Taken")
    forward(firm.app)
    made.press("off")
    made.press("on")
    shop.always = 500
    add_contact(firm, family_name="Waits")
    forward(firm.app)

    with firm.app.app_context():
        travel(timedelta(days=29))
        upkeep.forget_messages_everywhere()
        kept = len(made.deliveries())
        travel(timedelta(days=31))
        upkeep.forget_messages_everywhere()

    assert kept == 2
    assert [one.state for one in made.deliveries()] == [DeliveryState.PENDING]
