"""The demo is put up whole, once, also when something comes between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.app.demo.conftest import BUILT, visit
from tests.firms import counted_statements

TABLES = ("companies", "contacts", "contact_points", "affiliations", "activities", "links", "users", "complaints")


def _sizes(house: Flask) -> dict[str, int]:
    from tenants import engines

    sizes = {}
    for slug in ("nordlicht", "brightwater"):
        schema = visit(house, slug).scope.pg_schema
        with engines.provisioner() as connection:
            for table in TABLES:
                row = connection.execute(f"SELECT count(*) FROM {schema}.{table}".encode()).fetchone()
                assert row is not None
                sizes[f"{slug}.{table}"] = row[0]
    return sizes


def _build(house: Flask, *, days_later: int = 0) -> list[Any]:
    from app.demo import actions

    with house.app_context():
        return actions.build(now=BUILT + timedelta(days=days_later))


def test_everybody_can_log_in_with_the_password_that_is_shown(empty_house: Flask) -> None:
    from tenants import identities
    from tenants.guessing import NOBODY_KNOWN

    logins = _build(empty_house)

    assert [login.email.partition("@")[0] for login in logins] == ["mia", "tom", "aylin", "ruth", "owen"]
    assert {(login.firm, login.slug) for login in logins} == {
        ("Nordlicht", "nordlicht"),
        ("Brightwater", "brightwater"),
    }
    with empty_house.app_context():
        for login in logins:
            found = identities.check_password(email=login.email, password=login.password, by=NOBODY_KNOWN)
            assert found.name == login.name


def test_the_firms_have_the_promised_sizes_and_a_second_run_adds_nothing(empty_house: Flask) -> None:
    with counted_statements(empty_house) as first_run:
        first = _build(empty_house)
    sizes = _sizes(empty_house)
    with counted_statements(empty_house) as second_run:
        again = _build(empty_house, days_later=90)

    assert again == first
    assert _sizes(empty_house) == sizes
    assert (sizes["nordlicht.companies"], sizes["nordlicht.contacts"]) == (40, 120)
    assert (sizes["brightwater.companies"], sizes["brightwater.contacts"]) == (15, 40)
    assert (sizes["nordlicht.users"], sizes["brightwater.users"]) == (3, 2)
    assert len(first_run) < 1050
    assert len(second_run) <= 4, "two for each firm: every ./run asks"


@pytest.mark.parametrize(
    ("module", "name", "call"),
    [
        ("app.signup.actions", "open_firm", 1),
        ("billing.subscriptions", "start_trial", 1),
        ("tenants.identities", "join", 3),
        ("app.companies.actions", "find_or_add", 1),
        ("app.activities.actions", "record", 45),
        ("app.users.actions", "add_user", 6),
        ("app.complaints.actions", "enter", 7),
        ("app.tags.actions", "add", 3),
    ],
)
def test_a_run_that_was_killed_is_completed_by_the_next(
    empty_house: Flask, monkeypatch: pytest.MonkeyPatch, module: str, name: str, call: int
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(f"{module}.{name}", _killed_at(call, module, name))
        with pytest.raises(Killed):
            _build(empty_house)

    _build(empty_house)

    sizes = _sizes(empty_house)
    assert (sizes["nordlicht.companies"], sizes["nordlicht.contacts"]) == (40, 120)
    assert (sizes["brightwater.companies"], sizes["brightwater.contacts"]) == (15, 40)
    assert (sizes["nordlicht.activities"], sizes["brightwater.activities"]) == _told()
    assert (sizes["nordlicht.users"], sizes["brightwater.users"]) == (3, 2)
    assert (sizes["nordlicht.complaints"], sizes["brightwater.complaints"]) == _complained()


class Killed(BaseException):
    pass


def _killed_at(call: int, module: str, name: str) -> Callable[..., Any]:
    import importlib

    real = getattr(importlib.import_module(module), name)
    calls = 0

    def wrapped(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Killed
        return real(*arguments, **options)

    return wrapped


def _told() -> tuple[int, ...]:
    from app.demo import firms

    return tuple(
        # The last one is the greeting.
        sum(1 for member in firm.members for _ in firm.told_by(member)) + sum(1 + d.done for d in firm.duties) + 1
        for firm in firms.every_firm()
    )


def _complained() -> tuple[int, ...]:
    from app.demo import firms

    return tuple(len(firm.grievances) for firm in firms.every_firm())


def test_what_somebody_changed_stays_changed(empty_house: Flask) -> None:
    from sqlalchemy import update

    from app.activities.models import Activity
    from app.contacts.models import Contact
    from tenants import clock

    _build(empty_house)
    with visit(empty_house, "nordlicht").work() as session:
        session.execute(update(Contact).values(deleted_at=clock.now()))
        session.execute(update(Activity).values(body="x", deleted_at=clock.now()))
    before = _sizes(empty_house)

    _build(empty_house)

    assert _sizes(empty_house) == before


def test_a_stranger_who_has_the_address_keeps_it(empty_house: Flask) -> None:
    from app.signup import actions as signup
    from app.signup.actions import Wish
    from tenants import identities
    from tenants.provisioning import SlugTaken

    with empty_house.app_context():
        secret = identities.hash_password("correct horse battery")
        stranger = signup.create(
            Wish(
                firm="N",
                slug="nordlicht",
                name="S",
                email="s@brightwater.example",
                password_hash=secret,
                locale="de",
            )
        )
        with pytest.raises(SlugTaken):
            _build(empty_house)

    from tenants import engines

    with engines.provisioner() as connection:
        schema = stranger.tenant.pg_schema
        assert connection.execute(f"SELECT count(*) FROM {schema}.contacts".encode()).fetchone() == (0,)


def test_it_is_not_built_where_kontor_serves_the_public(house: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from app.demo import actions
    from config.settings import settings

    public = replace(settings(), embedded=False)
    monkeypatch.setattr(actions, "settings", lambda: public)

    with house.app_context(), pytest.raises(actions.NotForTheOpen):
        actions.build(now=BUILT)
