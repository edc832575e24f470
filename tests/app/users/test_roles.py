from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.complaints import actions as complaints
from app.complaints import queries as complaint_queries
from app.complaints.actions import Draft
from app.tasks import actions as tasks
from app.tasks import queries as task_queries
from app.tasks.actions import Plan
from tenants import clock
from tests.app.users.invitations import Guest
from tests.colleagues import Colleague, colleague
from tests.firms import Firm, Visitor, counted_statements, ring
from tests.pages import form_values


def _change(browser: Visitor, user_id: UUID, what: str, **typed: str) -> TestResponse:
    url = f"/acme/users/{user_id}/{what}"
    return browser.post(url, data={**form_values(browser.get(url).text), **typed})


def _role(firm: Firm, user_id: UUID) -> tuple[str, str]:
    """On the platform and in the firm's own table."""
    from app.users.models import User
    from tenants.db import platform_reading
    from tenants.models import Membership

    with firm.app.app_context(), platform_reading() as session:
        membership = session.get_one(Membership, user_id)
    with firm.work() as session:
        user = session.get_one(User, user_id)
    assert membership.active == user.active
    return membership.role.value, user.role.value


def test_a_role_holds_from_the_next_request_on(acme: Firm) -> None:
    bodo = colleague(acme, role="member")

    answer = _change(acme.client(), bodo.user_id, "role", role="reader")

    assert answer.location == f"/acme/users/{bodo.user_id}"
    assert _role(acme, bodo.user_id) == ("reader", "reader")
    assert bodo.client().get("/acme/contacts/new").status_code == HTTPStatus.FORBIDDEN
    assert "Read-only" in acme.client().get(f"/acme/users/{bodo.user_id}").text


def test_an_invented_role_is_refused(acme: Firm) -> None:
    bodo = colleague(acme)

    answer = _change(acme.client(), bodo.user_id, "role", role="emperor")

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert _role(acme, bodo.user_id) == ("member", "member")


def test_an_admin_neither_makes_nor_unmakes_owners(acme: Firm) -> None:
    admin, bodo = colleague(acme, name="Alma Admin", role="admin"), colleague(acme)
    browser = admin.client()

    made = _change(browser, bodo.user_id, "role", role="owner")
    unmade = _change(browser, acme.owner_id, "role", role="member")
    sent_away = _change(browser, acme.owner_id, "deactivate")

    for answer in (made, unmade, sent_away):
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "Only an owner decides who owns this account." in answer.text
    assert _role(acme, bodo.user_id) == ("member", "member")
    assert _role(acme, acme.owner_id) == ("owner", "owner")
    assert "Change the role" not in browser.get(f"/acme/users/{acme.owner_id}").text


@pytest.mark.parametrize(("what", "typed"), [("role", {"role": "admin"}), ("deactivate", {})])
def test_the_last_owner_stays(acme: Firm, what: str, typed: dict[str, str]) -> None:
    gone = colleague(acme, name="Gustav Gone", role="owner")
    _change(acme.client(), gone.user_id, "deactivate")

    answer = _change(acme.client(), acme.owner_id, what, **typed)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Nobody else owns this account." in answer.text
    assert _role(acme, acme.owner_id) == ("owner", "owner")
    assert acme.client().get("/acme/").status_code == HTTPStatus.OK


def test_one_of_two_owners_may_leave(acme: Firm) -> None:
    second = colleague(acme, name="Berta Boss", role="owner")

    answer = _change(second.client(), second.user_id, "deactivate")

    assert answer.location == "/firms"
    assert second.client().get("/acme/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("what", ["role", "deactivate"])
def test_of_two_owners_who_unmake_each_other_at_once_one_stays(acme: Firm, what: str) -> None:
    """Each of the two would be allowed if it were alone."""
    one, two = (colleague(acme, name=name, role="owner") for name in ("Otto One", "Tina Two"))
    _change(one.client(), acme.owner_id, "role", role="member")
    moves = [(one.client(), two), (two.client(), one)]
    typed = {"role": "member"} if what == "role" else {}

    def press(move: tuple[Visitor, Colleague]) -> int:
        browser, other = move
        return browser.post(f"/acme/users/{other.user_id}/{what}", data={**typed, "version": "1"}).status_code

    try:
        with ThreadPoolExecutor(2) as hands:
            answers = list(hands.map(press, moves))

        owners = [who for who in (one, two) if _role(acme, who.user_id)[0] == "owner" and _active(acme, who.user_id)]
        assert len(owners) == 1
        assert answers.count(HTTPStatus.SEE_OTHER) == 1
    finally:
        colleague(acme, name="Ada Owner", email="owner@acme.example", role="owner")


def _active(firm: Firm, user_id: UUID) -> bool:
    from app.users.models import User

    with firm.work() as session:
        return session.get_one(User, user_id).active


def test_who_is_deactivated_is_refused_at_once_and_can_come_back(acme: Firm) -> None:
    bodo = colleague(acme)
    browser = bodo.client()
    assert browser.get("/acme/contacts").status_code == HTTPStatus.OK

    answer = _change(acme.client(), bodo.user_id, "deactivate")
    refused = browser.get("/acme/contacts").status_code
    listed = acme.client().get("/acme/users").text
    acme.client().post(f"/acme/users/{bodo.user_id}/reactivate")

    assert answer.location == "/acme/users"
    assert refused == HTTPStatus.NOT_FOUND
    assert "deactivated" in listed
    assert browser.get("/acme/contacts").status_code == HTTPStatus.OK
    assert _role(acme, bodo.user_id) == ("member", "member")


def test_features_hand_over_what_the_person_is_assigned_to(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.core.features import features
    from app.users.feature import FEATURE

    asked: list[tuple[UUID, UUID]] = []

    def hand_over(from_user: UUID, to_user: UUID) -> int:
        asked.append((from_user, to_user))
        return 3

    bodo, heir = colleague(acme), colleague(acme, name="Hanna Heir")
    with monkeypatch.context() as with_work:
        with_work.setitem(features._features, "users", replace(FEATURE, handover=hand_over))
        _change(acme.client(), bodo.user_id, "deactivate", heir=str(heir.user_id))
    browser = acme.client()

    assert asked == [(bodo.user_id, heir.user_id)]
    assert _active(acme, bodo.user_id) is False
    assert browser.get(f"/acme/users/{heir.user_id}").status_code == HTTPStatus.OK


def test_how_much_was_handed_over_is_said(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.core.features import features
    from app.users.feature import FEATURE

    bodo, heir = colleague(acme), colleague(acme, name="Hanna Heir")
    monkeypatch.setitem(features._features, "users", replace(FEATURE, handover=lambda _from, _to: 3))
    browser = acme.client()

    _change(browser, bodo.user_id, "deactivate", heir=str(heir.user_id))

    assert "Bodo Berg is deactivated; 3 records are handed over." in browser.get("/acme/users").text


def test_only_somebody_who_stays_can_take_over(acme: Firm, globex: Firm) -> None:
    bodo, gone, foreign = colleague(acme), colleague(acme, name="Gustav Gone"), colleague(globex)
    _change(acme.client(), gone.user_id, "deactivate")

    answers = [
        _change(acme.client(), bodo.user_id, "deactivate", heir=heir).status_code
        for heir in (str(gone.user_id), str(foreign.user_id), str(bodo.user_id), "nobody")
    ]

    assert answers == [HTTPStatus.UNPROCESSABLE_ENTITY] * 4
    assert _active(acme, bodo.user_id) is True
    assert bodo.client().get("/acme/").status_code == HTTPStatus.OK


def test_a_page_that_was_overtaken_changes_nothing(acme: Firm) -> None:
    bodo = colleague(acme)
    browser, url = acme.client(), f"/acme/users/{bodo.user_id}/role"
    shown = form_values(browser.get(url).text)
    _change(acme.client(), bodo.user_id, "role", role="admin")

    answer = browser.post(url, data={**shown, "role": "reader"})

    assert answer.status_code == HTTPStatus.CONFLICT
    assert _role(acme, bodo.user_id) == ("admin", "admin")


def test_another_firms_user_does_not_exist_here(acme: Firm, globex: Firm) -> None:
    foreign = colleague(globex)
    browser = acme.client()

    answers = [
        browser.get(f"/acme/users/{foreign.user_id}").status_code,
        browser.get(f"/acme/users/{foreign.user_id}/role").status_code,
        browser.post(f"/acme/users/{foreign.user_id}/role", data={"role": "reader", "version": "1"}).status_code,
        browser.post(f"/acme/users/{foreign.user_id}/deactivate", data={"version": "1"}).status_code,
        browser.post(f"/acme/users/{foreign.user_id}/reactivate").status_code,
    ]

    assert answers == [HTTPStatus.NOT_FOUND] * 5
    assert foreign.client().get("/globex/contacts/new").status_code == HTTPStatus.OK


@pytest.mark.parametrize("role", ["member", "reader"])
def test_members_and_readers_change_nobody(acme: Firm, role: str) -> None:
    bodo, other = colleague(acme, role=role), colleague(acme, name="Olga Other")
    browser = bodo.client()

    answers = [
        browser.post(f"/acme/users/{bodo.user_id}/role", data={"role": "owner", "version": "1"}).status_code,
        browser.post(f"/acme/users/{other.user_id}/deactivate", data={"version": "1"}).status_code,
        browser.post(f"/acme/users/{other.user_id}/reactivate").status_code,
    ]

    assert answers == [HTTPStatus.FORBIDDEN] * 3
    assert _role(acme, bodo.user_id) == (role, role)


def test_the_list_is_read_a_page_at_a_time(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.users import queries

    for name in ("Carla C", "Bodo B", "Dora D"):
        colleague(acme, name=name)
    monkeypatch.setattr(queries, "PAGE", 2)
    monkeypatch.setattr(queries, "_FIRST", queries._LISTED.order_by(*queries._POSITION).limit(3))
    monkeypatch.setattr(queries, "_NEXT", queries._FIRST.where(queries._FOLLOWS))

    with acme.work():
        first, after = queries.page(after=None)
        second, end = queries.page(after=after)

    assert [row.name for row in first] == ["Ada Owner", "Bodo B"]
    assert [row.name for row in second] == ["Carla C", "Dora D"]
    assert end is None


def test_the_list_takes_as_few_statements_for_many_as_for_one(acme: Firm) -> None:
    browser = acme.client()
    counts = []
    ring(acme)
    for people in (1, 12):
        for number in range(people):
            colleague(acme, name=f"Person {number}")
            Guest(acme, email=f"guest{number}@elsewhere.example")
        with counted_statements(acme.app) as counted:
            browser.get("/acme/users")
        counts.append(len(counted))

    # Who knocks, the users, when they were seen, and the invitations.
    assert counts[0] == counts[1] <= 5


def test_whoever_stays_takes_the_open_tasks_and_complaints(acme: Firm) -> None:
    leaving, heir = colleague(acme, name="Lea Geht"), colleague(acme, name="Hanna Erbe")
    with acme.work():
        tasks.add(Plan(text="Send a sample.", assignee_id=leaving.user_id), about=None, at=clock.now())
        complaints.enter(Draft(what="The pump leaks.", assignee_id=leaving.user_id), at=clock.now())

    _change(acme.client(), leaving.user_id, "deactivate", heir=str(heir.user_id))

    with acme.work() as session:
        assert [row.body for row in task_queries.mine(heir.user_id, limit=9)] == ["Send a sample."]
        assert [row.assignee for row in complaint_queries.open_ones(9)] == ["Hanna Erbe"]
        # Nobody can be removed whom records still name.
        session.execute(text("DELETE FROM activities"))
        session.execute(text("DELETE FROM complaints"))
