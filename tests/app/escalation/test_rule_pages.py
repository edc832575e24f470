"""Whoever runs the firm says what is forwarded to whom, sees what it would have done, and can take it back."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from app.escalation import defaults, queries
from app.escalation.rules import Rule
from app.notifications.models import Event
from app.users import actions as users
from app.users import queries as users_found
from tests.app.escalation.stories import complain, give
from tests.colleagues import colleague
from tests.firms import Firm, Visitor, counted_statements, visitor_with_role
from tests.forwarding import forward, told
from tests.pages import form_values
from tests.records import add_contact

NEW_COMPLAINT = defaults.id_of("new-complaint")
WAITS = defaults.id_of("complaint-waits")

URGENT = {
    "subject": "complaint",
    "name": "Urgent ones",
    "events": ["created", "changed"],
    "when-field-0": "priority",
    "when-op-0": "one_of",
    "when-value-0": ["high"],
    "to": ["role:admin"],
    "active": "1",
}


def rules_of(firm: Firm) -> dict[str, Rule]:
    with firm.work():
        return {rule.key: rule for rule in queries.all_rules()}


def add_rule(firm: Firm, **entered: Any) -> UUID:
    answer = firm.client().post(f"{firm.url}/rules/new", data={**URGENT, **entered})
    assert answer.status_code == 303, answer.text
    return UUID(answer.location.rpartition("/")[2])


def test_every_rule_says_in_sentences_what_it_does(desk: Firm) -> None:
    page = desk.client().get(f"{desk.url}/rules").text

    assert "A complaint comes in" in page
    assert "Complaints: when something is entered." in page
    assert "Tells in Kontor and by mail: Whoever it is assigned to, all owners, all administrators." in page
    assert "After 2 business hours, in Kontor and by mail: Whoever it is assigned to, all administrators." in page
    assert page.count('role="switch" aria-checked="true"') == len(defaults.BY_KEY)


def test_a_rule_that_is_switched_off_tells_nobody_until_it_is_switched_on_again(desk: Firm) -> None:
    colleague(desk, name="Cora Chef", role="admin")
    visitor, rule = desk.client(), f"{desk.url}/rules/{NEW_COMPLAINT}"

    statuses = [visitor.post(f"{rule}/off").status_code for _ in range(2)]
    complain(desk)
    forward(desk.app)
    silent = told(desk)
    visitor.post(f"{rule}/on")
    complain(desk)
    forward(desk.app)

    assert statuses == [303, 303]
    assert silent == []
    assert [one.event for one in told(desk)] == [Event.CREATED]


def test_an_own_rule_tells_whom_it_names_where_its_condition_holds(desk: Firm) -> None:
    cora = colleague(desk, name="Cora Chef", role="admin")
    bodo = colleague(desk, name="Bodo Berg")
    desk.client().post(f"{desk.url}/rules/{NEW_COMPLAINT}/off")

    add_rule(desk, to=["role:admin"], user=f"user:{bodo.user_id}")
    complain(desk, what="Late parcel")
    complain(desk, what="Fire", priority="high")
    forward(desk.app)

    assert {(one.user_id, one.title.partition(" ")[2], one.reason) for one in told(desk)} == {
        (cora.user_id, "Fire", "Urgent ones"),
        (bodo.user_id, "Fire", "Urgent ones"),
    }


def test_a_rule_says_of_whom_it_names_that_they_have_left(desk: Firm) -> None:
    bodo = colleague(desk, name="Bodo Berg")
    rule_id = add_rule(desk, user=f"user:{bodo.user_id}")
    before = desk.client().get(f"{desk.url}/rules").text

    desk.client().post(f"{desk.url}/users/{bodo.user_id}/deactivate", data={"heir": ""})

    pages = [desk.client().get(f"{desk.url}/rules{path}").text for path in ("", f"/{rule_id}", f"/{rule_id}/edit")]
    assert "Bodo Berg" in before
    assert "has left" not in before
    assert ["Bodo Berg (has left and is told nothing)" in page for page in pages] == [True] * 3


def test_what_is_missing_is_said_beside_the_field_and_nothing_is_lost(desk: Firm) -> None:
    sent = {"subject": "complaint", "name": "", "level-0-after": "soon", "level-0-unit": "hours"}

    answer = desk.client().post(f"{desk.url}/rules/new", data={**sent, "level-0-to": "role:owner"})

    assert answer.status_code == 422
    assert "Please say after how many hours or minutes" in answer.text
    assert "Please say what must come about, so that nobody is told any more." in answer.text
    assert form_values(answer.text).items() >= {"level-0-after": "soon", "level-0-to": "role:owner"}.items()
    assert len(rules_of(desk)) == len(defaults.BY_KEY)


def test_lines_and_levels_come_and_go_by_buttons_without_losing_anything(desk: Firm) -> None:
    visitor, address = desk.client(), f"{desk.url}/rules/new"
    begun = {"subject": "complaint", "name": "Mine", "to": "role:owner"}

    one_line = visitor.post(address, data={**begun, "do": "until-add", "until-new": "state"})
    with_level = visitor.post(address, data={**form_values(one_line.text), "do": "level-add"})
    without = visitor.post(address, data={**form_values(with_level.text), "do": "until-remove-0"})

    assert form_values(one_line.text)["until-field-0"] == "state"
    assert "level-0-after" in form_values(with_level.text)
    assert "until-field-0" not in form_values(without.text)
    assert form_values(without.text).items() >= {"name": "Mine", "to": "role:owner"}.items()


def test_nobody_can_be_named_whom_the_form_does_not_offer(desk: Firm, globex: Firm) -> None:
    for stranger in ("user:nobody", f"user:{globex.owner_id}", "person:boss", "role:god"):
        answer = desk.client().post(f"{desk.url}/rules/new", data={**URGENT, "to": stranger})
        assert answer.status_code == 422, stranger
    hostile = desk.client().post(f"{desk.url}/rules/new", data={**URGENT, "when-value-0": "nuclear"})

    assert hostile.status_code == 422
    assert len(rules_of(desk)) == len(defaults.BY_KEY)


def test_a_changed_rule_is_brought_back_to_what_it_was_and_that_can_be_undone(desk: Firm) -> None:
    visitor, address = desk.client(), f"{desk.url}/rules/{NEW_COMPLAINT}"
    shown = form_values(visitor.get(f"{address}/edit").text)

    saved = visitor.post(f"{address}/edit", data={**shown, "events": "deleted"})
    changed = rules_of(desk)["new-complaint"].definition
    visitor.post(f"{address}/delete")
    reset = rules_of(desk)["new-complaint"].definition
    visitor.post(f"{address}/restore")

    assert saved.status_code == 303
    assert changed.events == {Event.DELETED}
    assert reset == defaults.BY_KEY["new-complaint"].definition
    assert rules_of(desk)["new-complaint"].definition == changed


def test_a_rule_that_was_brought_back_can_be_changed_again(desk: Firm) -> None:
    visitor, address = desk.client(), f"{desk.url}/rules/{NEW_COMPLAINT}"
    visitor.post(f"{address}/off")
    visitor.post(f"{address}/delete")

    shown = form_values(visitor.get(f"{address}/edit").text)
    visitor.post(f"{address}/edit", data={**shown, "name": "Anything new"})

    found = rules_of(desk)["new-complaint"]
    assert (found.name, found.active) == ("Anything new", True)


def test_an_own_rule_is_deleted_and_taken_back(desk: Firm) -> None:
    rule_id = add_rule(desk)

    desk.client().post(f"{desk.url}/rules/{rule_id}/delete")
    gone = str(rule_id) not in rules_of(desk)
    desk.client().post(f"{desk.url}/rules/{rule_id}/restore")

    assert gone
    assert rules_of(desk)[str(rule_id)].active


def test_a_rule_shows_whom_it_would_have_told_and_why_not(desk: Firm) -> None:
    cora, bodo = colleague(desk, name="Cora Chef", role="admin"), colleague(desk, name="Bodo Berg")
    complain(desk, what="Late parcel")
    fire = complain(desk, what="Fire", priority="high")
    give(desk, fire, to=bodo.user_id)
    forward(desk.app)

    tried = desk.client().post(f"{desk.url}/rules/new", data={**URGENT, "events": ["created"], "do": "try"})

    assert tried.status_code == 422
    assert "In the last 30 days this rule would have told 1 person (notifications: 1)." in tried.text
    assert cora.name in tried.text
    assert "Not told: the conditions did not hold." in tried.text
    assert "Not told: this is none of the occasions of the rule." in tried.text
    assert len(rules_of(desk)) == len(defaults.BY_KEY)


def test_the_past_is_judged_as_it_was_then(desk: Firm) -> None:
    """The complaint was urgent when it came in, and is not any more."""
    colleague(desk, name="Cora Chef", role="admin")
    from app.complaints.models import Priority
    from tests.app.escalation.stories import touch

    fire = complain(desk, what="Smoke", priority="normal")
    touch(desk, fire, lambda found: setattr(found, "priority", Priority("high")))
    touch(desk, fire, lambda found: setattr(found, "details", "It was steam."))
    touch(desk, fire, lambda found: setattr(found, "priority", Priority("normal")))
    forward(desk.app)

    page = desk.client().get(f"{desk.url}/rules/{add_rule(desk, events=['changed'])}?trial=all").text

    assert "would have told 1 person (notifications: 2)" in page


def test_levels_are_tried_on_the_past_too(desk: Firm) -> None:
    page = desk.client().get(f"{desk.url}/rules/{WAITS}?trial=all").text

    assert "In the last 30 days this rule would have told nobody." in page


def test_a_form_says_when_its_levels_would_be_told(desk: Firm) -> None:
    page = desk.client().get(f"{desk.url}/rules/{WAITS}/edit").text

    assert len(re.findall(r"If this began now, level \d would be told on ", page)) == 2


def test_members_and_readers_do_not_manage_rules(desk: Firm) -> None:
    for role in ("member", "reader"):
        with visitor_with_role(desk, role) as visitor:
            assert visitor.get(f"{desk.url}/rules").status_code == 403
            assert visitor.post(f"{desk.url}/rules/{NEW_COMPLAINT}/off").status_code == 403
    assert rules_of(desk)["new-complaint"].active


def test_the_rules_of_one_firm_never_touch_another(desk: Firm, globex: Firm) -> None:
    own = add_rule(desk)
    desk.client().post(f"{desk.url}/rules/{NEW_COMPLAINT}/off")

    strange = globex.client().get(f"{globex.url}/rules/{own}")
    globex.client().post(f"{globex.url}/rules/{own}/off")

    assert strange.status_code == 404
    assert rules_of(globex)["new-complaint"].active
    assert str(own) not in rules_of(globex)
    assert rules_of(desk)[str(own)].active


def test_a_rule_nobody_can_read_any_more_says_so_and_can_be_mended(desk: Firm) -> None:
    rule_id = add_rule(desk)
    with desk.work() as session:
        from app.escalation.models import StoredRule

        session.get_one(StoredRule, rule_id).definition = {"subject": "complaint", "to": ["role:god"]}
    visitor, address = desk.client(), f"{desk.url}/rules/{rule_id}"

    broken, refused = visitor.get(address).text, visitor.post(f"{address}/on")
    shown = form_values(visitor.get(f"{address}/edit").text)
    mended = visitor.post(f"{address}/edit", data={**shown, "events": "created", "to": "role:admin"})

    assert "It was switched off because it cannot be understood any more." in broken
    assert refused.status_code == 422
    assert mended.status_code == 303
    assert rules_of(desk)[str(rule_id)].active


def test_pages_of_rules_take_as_few_statements_for_many_rules_and_changes_as_for_one(desk: Firm) -> None:
    visitor, addresses = desk.client(), [f"{desk.url}/rules", f"{desk.url}/rules/{NEW_COMPLAINT}?trial=all"]
    bodo = colleague(desk, name="Bodo Berg")

    add_rule(desk, user=f"user:{bodo.user_id}")
    complain(desk)
    forward(desk.app)
    for_one = [statements(desk, visitor, address) for address in addresses]
    for number in range(20):
        add_rule(desk, name=f"No. {number}", user=f"user:{bodo.user_id}")
        complain(desk, what=f"No. {number}")
    forward(desk.app)
    for_many = [statements(desk, visitor, address) for address in addresses]

    assert for_one == for_many
    assert for_many[0] <= 5
    assert for_many[1] <= 8


def test_pages_of_rules_ask_once_for_all_who_have_left(desk: Firm) -> None:
    visitor, listed = desk.client(), f"{desk.url}/rules"
    leavers = [colleague(desk, name=f"Leaver {number}").user_id for number in range(4)]
    first, *_ = [add_rule(desk, name=f"No. {number}", user=f"user:{one}") for number, one in enumerate(leavers)]
    with desk.work():
        for one in leavers[:1]:
            users.deactivate(users_found.user_to_change(one), heir=None)
    for_one = statements(desk, visitor, listed)
    edit = f"{desk.url}/rules/{first}/edit"
    shown = form_values(visitor.get(edit).text) | {"events": "created"}
    with counted_statements(desk.app) as tried_one:
        page = visitor.post(edit, data={**shown, "to": f"user:{leavers[0]}", "do": "try"}).text
    with desk.work():
        for one in leavers[1:]:
            users.deactivate(users_found.user_to_change(one), heir=None)

    for_many = statements(desk, visitor, listed)
    with counted_statements(desk.app) as tried_many:
        visitor.post(edit, data={**shown, "to": [f"user:{one}" for one in leavers], "do": "try"})

    assert "has left and is told nothing" in page
    assert for_many == for_one
    assert len(tried_many) == len(tried_one)


def statements(firm: Firm, visitor: Visitor, address: str) -> int:
    visitor.get(address)
    with counted_statements(firm.app) as counted:
        assert visitor.get(address).status_code == 200
    return len(counted)


def test_a_telephone_number_that_changes_is_a_contact_that_changes_in_the_trial_too(desk: Firm) -> None:
    bodo = colleague(desk, name="Bodo Berg")
    visitor, contact = desk.client(), f"{desk.url}/contacts/{add_contact(desk, family_name='Meier')}/edit"
    shown = form_values(visitor.get(contact).text)
    number = {"points-0-kind": "phone", "points-0-label": "work", "points-0-value": "040 123456"}
    visitor.post(contact, data={**shown, **number})
    forward(desk.app)

    sent = {"subject": "contact", "name": "Contacts", "events": "changed", "to": f"user:{bodo.user_id}"}
    tried = visitor.post(f"{desk.url}/rules/new", data={**sent, "do": "try"})

    assert "this rule would have told 1 person" in tried.text
