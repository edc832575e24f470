"""A firm says which roles need a second factor; who lacks one adds it and goes on, and nobody is locked out."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import pytest

from tests.authenticators import Phone, add_app, forget_factors, log_in
from tests.colleagues import Colleague
from tests.firms import PASSWORD, Firm

SETTING = "/acme/users/second-factor"


@pytest.fixture(autouse=True)
def _no_duty_in_the_end(acme: Firm) -> Iterator[None]:
    from tenants.db import platform_work
    from tenants.models import Tenant

    yield
    forget_factors(acme.app, acme.identity_id)
    with acme.app.app_context(), platform_work() as session:
        session.get_one(Tenant, acme.scope.tenant_id).second_factor_for = []


def demand(acme: Firm, *roles: str) -> None:
    answer = acme.client().post(SETTING, data=dict.fromkeys(roles, "1"))
    assert answer.status_code == HTTPStatus.SEE_OTHER


def test_whoever_has_the_role_adds_one_and_then_goes_on(acme: Firm, gita: Colleague) -> None:
    demand(acme, "member")
    browser = gita.client()

    refused = browser.get(f"{acme.url}/contacts")
    page = browser.get(refused.location)
    add_app(browser)

    assert refused.location == "/profile/second-factor?next=/acme/contacts&due=1"
    assert "Your firm asks for a second factor." in page.text
    assert browser.get(f"{acme.url}/contacts").status_code == HTTPStatus.OK


def test_other_roles_and_programs_go_on(acme: Firm, gita: Colleague) -> None:
    from tenants import tokens

    with acme.app.app_context():
        _, token = tokens.make(gita.user_id, tokens.Wish(name="Robot", scopes=["contacts.read"]))
    demand(acme, "member")

    asked = gita.client().get(f"{acme.url}/api/v1/contacts", headers={"Authorization": f"Bearer {token}"})

    assert acme.client().get(f"{acme.url}/contacts").status_code == HTTPStatus.OK
    assert asked.status_code == HTTPStatus.OK


def test_the_administrator_who_demands_it_of_their_own_role_is_not_locked_out(acme: Firm) -> None:
    demand(acme, "owner")
    browser = acme.client()

    assert browser.get(f"{acme.url}/users").location.startswith("/profile/second-factor")
    add_app(browser)
    page = browser.get(SETTING).text

    assert 'name="owner"' in page
    assert browser.post(SETTING, data={}).status_code == HTTPStatus.SEE_OTHER
    assert acme.client().get(f"{acme.url}/users").status_code == HTTPStatus.OK


def test_live_updates_are_not_told_to_who_lacks_it(acme: Firm, gita: Colleague) -> None:
    from tenants import identities, live

    knock = (identities.digest(gita.token), "acme")
    with acme.app.app_context():
        before = set(live.welcome({knock}))
    demand(acme, "member")
    with acme.app.app_context():
        after = set(live.welcome({knock}))
    add_app(gita.client())
    with acme.app.app_context():
        with_one = set(live.welcome({knock}))

    assert (before, after, with_one) == ({knock}, set(), {knock})


def test_members_cannot_decide_it(acme: Firm, gita: Colleague) -> None:
    assert gita.client().post(SETTING, data={"reader": "1"}).status_code == HTTPStatus.FORBIDDEN


def test_an_owner_helps_who_has_lost_phone_and_paper(acme: Firm, gita: Colleague, phone: Phone) -> None:
    page = f"{acme.url}/users/{gita.user_id}"
    before = acme.client().get(page).text
    answer = acme.client().post(f"{page}/second-factor/forget")

    browser, to = log_in(acme.app, gita.email, PASSWORD)

    assert "Take the second factor away" in before
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert to == "/firms"
    assert browser.get(f"{acme.url}/contacts").status_code == HTTPStatus.OK
    assert "Take the second factor away" not in acme.client().get(page).text


def test_no_firm_takes_it_away_from_who_works_for_another_one_too(
    acme: Firm, globex: Firm, gita: Colleague, phone: Phone
) -> None:
    from tenants import identities
    from tenants.db import platform_work
    from tenants.models import Membership, Role

    with acme.app.app_context(), platform_work() as session:
        added = identities.join(
            session, tenant_id=globex.scope.tenant_id, identity_id=gita.identity_id, role=Role.MEMBER
        )
    refused = acme.client().post(f"{acme.url}/users/{gita.user_id}/second-factor/forget")
    _, to = log_in(acme.app, gita.email, PASSWORD)
    with acme.app.app_context(), platform_work() as session:
        session.delete(session.get_one(Membership, added.id))

    assert refused.status_code == HTTPStatus.CONFLICT
    assert "works for other firms as well" in refused.text
    assert to.startswith("/login/second-factor")
