"""Killed after any of its steps, the confirmation is pressed again and ends as if nothing had happened."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus

import pytest
from sqlalchemy import func, select

from tests.app.signup.newcomer import PASSWORD, Newcomer
from tests.firms import Visitor


class Killed(Exception):
    """The process ends here."""


def _kill(_signup_id: object) -> None:
    raise Killed


@pytest.mark.parametrize("steps_done", range(7))
def test_pressed_again_it_works(newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch, steps_done: int) -> None:
    from app.signup import actions, queries

    newcomer.signs_up()
    with monkeypatch.context() as interrupted, newcomer.app.app_context():
        interrupted.setattr(actions, "STEPS", (*actions.STEPS[:steps_done], _kill))
        with pytest.raises(Killed):
            actions.choose_password(queries.signup_of(newcomer.link().rpartition("/")[2]), PASSWORD)
            actions.open_firm(newcomer.signup_id())
    if 0 < steps_done < len(actions.STEPS):
        newcomer.waits(timedelta(days=5))
        with newcomer.app.app_context():
            actions.forget_expired()

    answer = newcomer.confirms()

    assert answer.location == f"/{newcomer.slug}/"
    _log_in(newcomer)
    assert newcomer.browser.get(answer.location).status_code == HTTPStatus.OK
    assert _left_behind(newcomer) == {"tenants": 1, "memberships": 1, "subscriptions": 1, "users": 1}


def test_pressed_twice_at_once_it_is_done_once(newcomer: Newcomer) -> None:
    newcomer.signs_up()
    link = newcomer.link()

    with ThreadPoolExecutor(4) as hands:
        answers = list(
            hands.map(lambda _: Visitor(newcomer.app).post(link, data={"password": PASSWORD}).location, range(4))
        )

    assert set(answers) == {f"/{newcomer.slug}/"}
    assert _left_behind(newcomer) == {"tenants": 1, "memberships": 1, "subscriptions": 1, "users": 1}


def test_four_firms_of_one_name_arriving_at_once_get_four_addresses(newcomer: Newcomer) -> None:
    firms = [newcomer, *(Newcomer(newcomer.app) for _ in range(3))]
    for firm in firms:
        firm.signs_up(firm=newcomer.entered["firm"])
    links = [firm.link() for firm in firms]

    with ThreadPoolExecutor(4) as hands:
        answers = hands.map(lambda link: Visitor(newcomer.app).post(link, data={"password": PASSWORD}).location, links)

    assert set(answers) == {f"/{newcomer.slug}{ending}/" for ending in ("", "-2", "-3", "-4")}


def test_a_member_who_was_sent_away_does_not_come_back_by_the_old_link(newcomer: Newcomer) -> None:
    from tenants.db import platform_work
    from tenants.models import Membership, Tenant

    newcomer.signs_up()
    newcomer.confirms()
    with newcomer.app.app_context(), platform_work() as session:
        theirs = select(Membership).join(Tenant, Tenant.id == Membership.tenant_id)
        session.scalars(theirs.where(Tenant.slug == newcomer.slug)).one().active = False

    answer = newcomer.confirms(follow=True)

    assert answer.status_code == HTTPStatus.NOT_FOUND


def _log_in(newcomer: Newcomer) -> None:
    data = {"email": newcomer.email, "password": PASSWORD}
    newcomer.browser.post("/login", data=data)


def _left_behind(newcomer: Newcomer) -> dict[str, int | None]:
    from app.users.models import User
    from billing.models import Subscription
    from tenants.context import tenant_scope
    from tenants.db import db, platform_reading
    from tenants.models import Membership, Tenant

    with newcomer.app.app_context():
        with platform_reading() as session:
            tenants = session.scalars(select(Tenant).where(Tenant.name == newcomer.entered["firm"])).all()
            members = session.scalar(select(func.count()).where(Membership.tenant_id == tenants[0].id))
            trials = session.scalar(select(func.count()).where(Subscription.tenant_id == tenants[0].id))
        with tenant_scope(tenants[0].scope()):
            users = db.session.scalar(select(func.count()).select_from(User))
    return {"tenants": len(tenants), "memberships": members, "subscriptions": trials, "users": users}
