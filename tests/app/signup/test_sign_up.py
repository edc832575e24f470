from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from sqlalchemy import func, select

from tests.app.signup.newcomer import PASSWORD, Newcomer
from tests.firms import Firm, Visitor, counted_statements


def test_a_firm_signs_up_confirms_and_works(newcomer: Newcomer) -> None:
    sent = newcomer.signs_up()
    told = newcomer.browser.get(sent.location)
    newcomer.browser.get(newcomer.link())
    with counted_statements(newcomer.app) as statements:
        home = newcomer.confirms(follow=True)

    assert newcomer.email in told.text
    assert 'href="/mailbox"' in told.text
    assert home.request.path == f"/{newcomer.slug}/"
    assert home.status_code == HTTPStatus.OK
    assert f"Welcome to Kontor. {newcomer.entered['firm']} is ready." in home.text
    # Its schema lay ready: to make one takes some hundred statements, and a second nobody shall wait for.
    assert len(statements) <= 40


def test_the_owner_is_known_to_the_firm_and_the_trial_runs(newcomer: Newcomer) -> None:
    from app.users.models import User
    from billing.models import Subscription, SubscriptionState
    from tenants import clock, registry
    from tenants.context import tenant_scope
    from tenants.db import db, platform_reading
    from tenants.models import Role

    newcomer.signs_up()
    newcomer.confirms()

    with newcomer.app.app_context():
        tenant = registry.named(newcomer.slug)
        with platform_reading() as session:
            subscription = session.scalars(select(Subscription).where(Subscription.tenant_id == tenant.id)).one()
        with tenant_scope(tenant.scope()):
            users = db.session.execute(select(User.name, User.email, User.role)).all()
    assert users == [("Nele Neumann", newcomer.email, Role.OWNER)]
    assert subscription.state is SubscriptionState.TRIAL
    assert timedelta(days=29) < subscription.trial_ends_at - clock.now() <= timedelta(days=30)


def test_opening_the_link_changes_nothing(newcomer: Newcomer) -> None:
    newcomer.signs_up()

    page = newcomer.browser.get(newcomer.link())

    assert page.status_code == HTTPStatus.OK
    assert "Confirm and start" in page.text
    assert newcomer.browser.get(f"/{newcomer.slug}/").status_code == HTTPStatus.SEE_OTHER
    assert not _exists(newcomer, newcomer.slug)


def test_a_used_link_leads_to_the_firm_but_lets_nobody_in(newcomer: Newcomer) -> None:
    newcomer.signs_up()
    newcomer.confirms()
    stranger = Visitor(newcomer.app)

    answer = stranger.post(newcomer.link(), data={"password": "a thief's sentence"})
    home = stranger.get(answer.location)

    assert answer.location == f"/{newcomer.slug}/"
    assert home.location.startswith("/login?next=")


def test_a_link_ends_after_two_days(newcomer: Newcomer) -> None:
    newcomer.signs_up()

    newcomer.waits(timedelta(days=2))

    for answer in (newcomer.browser.get(newcomer.link()), newcomer.confirms()):
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert "This link does not work any more" in answer.text


def test_an_invented_link_opens_nothing(newcomer: Newcomer) -> None:
    assert newcomer.browser.get("/signup/confirm/invented").status_code == HTTPStatus.NOT_FOUND


def test_everything_wrong_is_said_at_once_and_everything_is_kept(newcomer: Newcomer) -> None:
    entered = {
        "firm": "",
        "name": "Nele",
        "email": "nele@",
        "locale": "en",
        "slug": "A!",
    }

    answer = newcomer.signs_up(**entered)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Please fill this in." in answer.text
    assert "This is not an e-mail address." in answer.text
    assert "An address has 2 to 40 small letters" in answer.text
    for kept in ("Nele", "nele@", "A!"):
        assert f'value="{kept}"' in answer.text
    assert newcomer.mails() == []


@pytest.mark.parametrize("field", ["firm", "name"])
@pytest.mark.parametrize(
    "address", ["https://evil.example/reset", "Hafen // evil.example", "www.evil.example", "HTTP:evil", "WWW.evil"]
)
def test_a_name_that_is_a_web_address_is_refused_and_no_mail_leaves_with_it(
    newcomer: Newcomer, field: str, address: str
) -> None:
    """Otherwise whoever signs up strangers sends them links of their own in mails of ours."""
    answer = newcomer.signs_up(**{field: address})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Please enter a name without a web address." in answer.text
    assert f'value="{address}"' in answer.text
    assert newcomer.mails() == []


@pytest.mark.parametrize("firm", ["Hafen.Werft GmbH", "Müller & Söhne", "A/B Elektro", "Nr. 1 Bau"])
def test_a_name_with_dots_and_slashes_is_a_name(newcomer: Newcomer, firm: str) -> None:
    assert newcomer.signs_up(firm=firm).status_code == HTTPStatus.SEE_OTHER


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaa", "password12", "Neumann123", ""])
def test_a_password_that_is_easy_to_guess_is_refused(newcomer: Newcomer, weak: str) -> None:
    newcomer.signs_up()

    answer = newcomer.confirms(password=weak)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "The password needs at least 10 characters" in answer.text
    assert f'value="{weak or "nothing"}"' not in answer.text
    assert not _exists(newcomer, newcomer.slug)


def test_whoever_signs_up_somebody_else_does_not_know_the_password_of_the_account(newcomer: Newcomer) -> None:
    newcomer.signs_up(password="the thief's own sentence")

    newcomer.confirms()

    assert _log_in(newcomer, PASSWORD) == HTTPStatus.SEE_OTHER
    assert _log_in(newcomer, "the thief's own sentence") == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize(
    ("asked", "proposal"),
    [
        ("acme", "acme-2"),
        ("ACME", "acme-2"),
        ("signup", "signup-2"),
        ("login", "login-2"),
        ("static", "static-2"),
    ],
)
def test_an_address_that_cannot_be_had_comes_with_one_that_can(
    acme: Firm, newcomer: Newcomer, asked: str, proposal: str
) -> None:
    answer = newcomer.signs_up(slug=asked)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f"This address is taken. This one is free: {proposal}" in answer.text


def test_an_address_of_ones_own_choice_is_used(newcomer: Newcomer) -> None:
    newcomer.signs_up(slug=f"own-{newcomer.slug}")

    answer = newcomer.confirms()

    assert answer.location == f"/own-{newcomer.slug}/"


def test_two_firms_of_one_name_get_two_addresses(newcomer: Newcomer) -> None:
    other = Newcomer(newcomer.app)
    newcomer.signs_up()
    other.signs_up(firm=newcomer.entered["firm"])

    first, second = newcomer.confirms(), other.confirms()

    assert first.location == f"/{newcomer.slug}/"
    assert second.location == f"/{newcomer.slug}-2/"


def test_a_known_person_gets_another_firm_and_keeps_the_password(newcomer: Newcomer) -> None:
    newcomer.signs_up()
    newcomer.confirms()
    elsewhere = Visitor(newcomer.app)

    same = elsewhere.post("/signup", data={**newcomer.entered, "firm": "Second Try"})
    letter = newcomer.mails()[-1]
    asked = elsewhere.get(newcomer.link()).text
    wrong = elsewhere.post(newcomer.link(), data={"password": "another sentence"})
    nobody = elsewhere.get("/firms").status_code
    elsewhere.post(newcomer.link(), data={"password": PASSWORD})
    page = elsewhere.get("/firms").text
    old, new = _log_in(newcomer, PASSWORD), _log_in(newcomer, "another sentence")

    assert same.location == "/signup/sent"
    assert "has an account already" in letter
    assert 'autocomplete="current-password"' in asked
    assert (wrong.status_code, nobody) == (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SEE_OTHER)
    assert "This is not the password of your account." in wrong.text
    assert f'href="/{newcomer.slug}/"' in page
    assert 'href="/second-try/"' in page
    assert (old, new) == (HTTPStatus.SEE_OTHER, HTTPStatus.UNPROCESSABLE_ENTITY)


def test_a_known_person_who_is_logged_in_needs_no_password_for_another_firm(newcomer: Newcomer) -> None:
    newcomer.signs_up()
    newcomer.confirms()
    newcomer.signs_up(firm="Third Try")

    asked = newcomer.browser.get(newcomer.link()).text
    answer = newcomer.browser.post(newcomer.link())

    assert 'name="password"' not in asked
    assert answer.location == "/third-try/"
    assert newcomer.browser.get("/third-try/").status_code == HTTPStatus.OK


def test_ten_sign_ups_an_hour_from_one_place_are_enough(newcomer: Newcomer) -> None:
    for number in range(10):
        assert newcomer.signs_up(email=f"{number}{newcomer.email}").status_code == HTTPStatus.SEE_OTHER

    answer = newcomer.signs_up()

    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "That was too often." in answer.text
    assert newcomer.mails() == []


def test_the_page_that_says_we_have_written_needs_a_sign_up(newcomer: Newcomer) -> None:
    assert newcomer.browser.get("/signup/sent").location == "/signup"


def test_what_nobody_confirmed_is_forgotten(newcomer: Newcomer) -> None:
    from app.signup import actions
    from tenants.db import platform_reading
    from tenants.signups import Signup

    newcomer.signs_up()
    newcomer.waits(timedelta(days=3))
    with newcomer.app.app_context():
        actions.forget_expired()
        with platform_reading() as session:
            left = session.scalar(select(func.count()).where(Signup.email == newcomer.email))

    assert left == 0


def _exists(newcomer: Newcomer, slug: str) -> bool:
    from tenants.db import platform_reading
    from tenants.models import Tenant

    with newcomer.app.app_context(), platform_reading() as session:
        return session.scalar(select(Tenant.id).where(Tenant.slug == slug)) is not None


def _log_in(newcomer: Newcomer, password: str) -> int:
    answer = Visitor(newcomer.app).post("/login", data={"email": newcomer.email, "password": password})
    return answer.status_code
