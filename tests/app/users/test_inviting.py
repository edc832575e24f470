from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus

import pytest
from sqlalchemy import func, select

from tenants import invitations
from tests.app.users.invitations import PASSWORD, Guest, mails
from tests.colleagues import colleague
from tests.firms import PASSWORD as KNOWN_PASSWORD
from tests.firms import Firm, Visitor


@pytest.fixture
def time_machine() -> Iterator[None]:
    yield
    _travel(timedelta())


def _travel(offset: timedelta) -> None:
    from tenants import clock

    clock.travel_with(lambda: offset)


def _buttons(firm: Firm) -> dict[str, str]:
    """What the list offers for the one invitation there is: send or withdraw -> address."""
    page = firm.client().get(f"{firm.url}/users").text
    found = re.findall(r'action="(/\w+/users/invitations/[0-9a-f-]+/(\w+))"', page)
    return {verb: url for url, verb in found}


def test_an_invited_person_chooses_a_password_and_works(acme: Firm) -> None:
    guest = Guest(acme)
    page = guest.browser.get(guest.link()).text

    where = guest.accepts()

    assert 'value="Gesa Gast"' in page
    assert guest.email in page
    assert where == "/acme/"
    home = guest.browser.get(where)
    assert home.status_code == HTTPStatus.OK
    assert "Welcome to Acme." in home.text
    listed = acme.client().get("/acme/users").text
    assert guest.email in listed
    assert "invited until" not in listed


def test_the_letter_is_written_in_the_language_of_the_firm(acme: Firm) -> None:
    guest = Guest(acme)

    letter = mails(acme.app, guest.email)[0]

    assert letter.startswith("Guten Tag, Gesa Gast,")
    assert "Ada Owner" in letter
    assert "Acme" in letter


def test_the_firm_knows_its_new_user_by_the_same_id_and_role(acme: Firm) -> None:
    from app.users.models import User
    from tenants.db import platform_reading
    from tenants.models import Identity, Membership, Role

    guest = Guest(acme, role="reader")

    guest.accepts()

    query = (
        select(Membership).join(Identity, Identity.id == Membership.identity_id).where(Identity.email == guest.email)
    )
    with acme.app.app_context(), platform_reading() as session:
        membership = session.scalars(query).one()
    with acme.work() as session:
        user = session.get_one(User, membership.id)
    assert (user.name, user.email, user.role, user.active) == ("Gesa Gast", guest.email, Role.READER, True)
    assert membership.role is Role.READER
    assert guest.browser.get("/acme/contacts").status_code == HTTPStatus.OK
    assert guest.browser.get("/acme/contacts/new").status_code == HTTPStatus.FORBIDDEN


def test_a_known_person_logs_in_and_joins_with_one_press(acme: Firm, globex: Firm) -> None:
    known = colleague(globex, name="Konrad Kunz")
    guest = Guest(acme, email=known.email)
    asked = guest.browser.get(guest.link()).text

    browser = known.client()
    page = browser.get(guest.link()).text
    where = browser.post(guest.link()).location

    assert f'href="/login?next={guest.link()}"' in asked
    assert 'name="password"' not in asked
    assert "One click adds the firm" in page
    assert where == "/acme/"
    assert browser.get("/acme/").status_code == HTTPStatus.OK
    assert browser.get("/globex/").status_code == HTTPStatus.OK


def test_somebody_else_cannot_use_the_link_of_a_known_person(acme: Firm, globex: Firm) -> None:
    known, other = colleague(globex, name="Konrad Kunz"), colleague(globex, name="Olga Other")
    guest = Guest(acme, email=known.email)
    browser = other.client()

    page = browser.get(guest.link()).text
    pressed = browser.post(guest.link())
    nobody = Visitor(acme.app).post(guest.link(), data={"name": "X", "password": "a wrong sentence"})

    assert "Olga Other is logged in here" in page
    assert pressed.location == nobody.location == guest.link()
    assert browser.get("/acme/").status_code == HTTPStatus.NOT_FOUND
    assert "invited until" in acme.client().get("/acme/users").text


def test_a_used_link_leads_to_the_firm_but_lets_nobody_in(acme: Firm) -> None:
    guest = Guest(acme)
    link = guest.link()
    guest.accepts()
    stranger = Visitor(acme.app)

    opened = stranger.get(link)
    pressed = stranger.post(link, data={"name": "Thief", "password": "a thief's sentence"})

    assert opened.location == "/acme/"
    assert pressed.location == link
    assert stranger.get("/acme/").location.startswith("/login?")


def test_pressed_twice_at_once_it_is_done_once(acme: Firm) -> None:
    from app.users.models import User

    guest = Guest(acme)
    link, typed = guest.link(), {"name": "Gesa Gast", "password": PASSWORD}

    with ThreadPoolExecutor(4) as hands:
        answers = list(hands.map(lambda _: Visitor(acme.app).post(link, data=typed).location, range(4)))

    assert set(answers) == {"/acme/"}
    with acme.work() as session:
        assert session.scalar(select(func.count()).where(User.email == guest.email)) == 1


def test_killed_before_the_firm_knew_its_user_it_is_finished_by_the_next_press(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.users import actions
    from app.users.models import User

    def killed(**_values: object) -> None:
        raise KeyboardInterrupt

    guest = Guest(acme)
    with monkeypatch.context() as interrupted, pytest.raises(KeyboardInterrupt):
        interrupted.setattr(actions, "add_user", killed)
        guest.accepts()

    where = guest.accepts()

    assert where == "/acme/"
    with acme.work() as session:
        assert session.scalar(select(func.count()).where(User.email == guest.email)) == 1


def test_a_link_ends_after_seven_days_and_is_sent_again(acme: Firm, time_machine: None) -> None:
    guest = Guest(acme)
    old = guest.link()
    _travel(timedelta(days=7))
    late = [guest.browser.get(old), guest.browser.post(old, data={"name": "G", "password": PASSWORD})]
    shown = acme.client().get("/acme/users").text

    acme.client().post(_buttons(acme)["send"])

    for answer in late:
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert "This invitation does not work any more" in answer.text
    assert "expired" in shown
    assert guest.link() != old
    assert guest.accepts() == "/acme/"


def test_an_expired_invitation_is_shown_for_a_month_and_then_forgotten(acme: Firm) -> None:
    from tenants import clock, identities
    from tenants.db import platform_work
    from tenants.models import Invitation

    guest, shown = Guest(acme), []
    for days in (29, 31):
        with acme.work():
            with platform_work() as session:
                found = session.scalars(select(Invitation).where(Invitation.email == guest.email)).one()
                found.expires_at = clock.now() - timedelta(days=days)
            identities.forget_expired()
            shown.append([one.email for one in invitations.waiting()])

    assert shown == [[guest.email], []]


def test_sent_again_only_the_new_link_works(acme: Firm) -> None:
    guest = Guest(acme)
    old = guest.link()

    acme.client().post(_buttons(acme)["send"])

    assert guest.browser.get(old).status_code == HTTPStatus.NOT_FOUND
    assert guest.browser.get(guest.link()).status_code == HTTPStatus.OK


def test_a_withdrawn_link_is_dead(acme: Firm) -> None:
    guest = Guest(acme)
    # The mail that tells it goes with the invitation where it has not left yet.
    link = guest.link()

    acme.client().post(_buttons(acme)["withdraw"])

    assert guest.browser.post(link, data={"name": "G", "password": PASSWORD}).status_code == HTTPStatus.NOT_FOUND
    assert guest.email not in acme.client().get("/acme/users").text


def test_what_was_accepted_cannot_be_withdrawn_or_sent_again(acme: Firm) -> None:
    guest = Guest(acme)
    buttons = _buttons(acme)
    guest.accepts()

    answers = [acme.client().post(url).status_code for url in buttons.values()]

    assert answers == [HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND]
    assert guest.browser.get("/acme/").status_code == HTTPStatus.OK


def test_another_firm_can_neither_send_nor_withdraw_it(acme: Firm, globex: Firm) -> None:
    guest = Guest(acme)
    foreign = [url.replace("/acme/", "/globex/") for url in _buttons(acme).values()]

    answers = [globex.client().post(url).status_code for url in foreign]

    assert answers == [HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND]
    assert len(mails(acme.app, guest.email)) == 1
    assert guest.browser.get(guest.link()).status_code == HTTPStatus.OK


def test_who_is_a_user_already_is_not_invited(acme: Firm) -> None:
    bodo = colleague(acme)

    answer = Guest(acme, email=bodo.email.upper()).answer

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "in the list of users already" in answer.text
    assert mails(acme.app, bodo.email) == []


def test_an_admin_invites_colleagues_but_no_owners(acme: Firm) -> None:
    admin = colleague(acme, name="Alma Admin", role="admin")

    member, owner = Guest(acme, by=admin.client()), Guest(acme, role="owner", by=admin.client())

    assert member.answer.status_code == HTTPStatus.SEE_OTHER
    assert owner.answer.status_code == HTTPStatus.FORBIDDEN
    assert mails(acme.app, owner.email) == []
    assert "Owner" not in re.findall(r"<option[^>]*>(\w+)", admin.client().get("/acme/users/invite").text)


def test_a_second_invitation_takes_nothing_from_the_first(acme: Firm) -> None:
    """An administrator cannot make less of whom an owner has invited as an owner."""
    admin = colleague(acme, name="Alma Admin", role="admin")
    first = Guest(acme, role="owner")

    second = Guest(acme, email=first.email, role="reader", by=admin.client())
    second.accepts()

    assert second.browser.get("/acme/users").status_code == HTTPStatus.OK
    assert _role_of(acme, first.email) == "owner"


def test_a_second_invitation_may_give_more(acme: Firm) -> None:
    first = Guest(acme, role="reader")

    Guest(acme, email=first.email, role="admin").accepts()

    assert _role_of(acme, first.email) == "admin"


def test_an_invitation_that_has_expired_gives_nothing_to_the_next(acme: Firm, time_machine: None) -> None:
    first = Guest(acme, role="admin")
    _travel(timedelta(days=7))
    acme.client().post("/prove", data={"password": KNOWN_PASSWORD})

    Guest(acme, email=first.email, role="reader").accepts()

    assert _role_of(acme, first.email) == "reader"


def _role_of(firm: Firm, email: str) -> str:
    from app.users.models import User

    with firm.work() as session:
        return session.scalars(select(User.role).where(User.email == email)).one().value


@pytest.mark.parametrize("role", ["member", "reader"])
def test_members_and_readers_see_no_users_and_invite_nobody(acme: Firm, role: str) -> None:
    browser = colleague(acme, role=role).client()

    guest = Guest(acme, by=browser)

    assert guest.answer.status_code == HTTPStatus.FORBIDDEN
    assert mails(acme.app, guest.email) == []
    assert browser.get("/acme/users").status_code == HTTPStatus.FORBIDDEN
    assert 'href="/acme/users"' not in browser.get("/acme/").text


def test_a_password_that_is_easy_to_guess_is_refused_and_the_name_is_kept(acme: Firm) -> None:
    guest = Guest(acme)

    answer = guest.browser.post(guest.link(), data={"name": "Gesa Neu", "password": "acme12345"})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "The password needs at least 10 characters" in answer.text
    assert 'value="Gesa Neu"' in answer.text


def test_the_password_of_a_known_person_stays_as_it_is(acme: Firm, globex: Firm) -> None:
    known = colleague(globex, name="Konrad Kunz")
    guest = Guest(acme, email=known.email)
    guest.accepts(password="somebody else's sentence")

    answers = [
        Visitor(acme.app).post("/login", data={"email": known.email, "password": password}).status_code
        for password in (KNOWN_PASSWORD, "somebody else's sentence")
    ]

    assert answers == [HTTPStatus.SEE_OTHER, HTTPStatus.UNPROCESSABLE_ENTITY]
