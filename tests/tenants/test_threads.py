"""Many threads, few connections, two firms: nobody ever reads or writes the other's rows."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError

from app.companies.models import Company
from config.settings import settings
from tenants import engines
from tenants.db import db
from tests.firms import Firm
from tests.tenants.attacks import company_names, inside

THREADS, ROUNDS = 12, 60


def test_threads_that_swap_tenants_never_mix_them(app: Flask, acme: Firm, globex: Firm) -> None:
    def visit(firm: Firm, chance: float) -> None:
        with inside(firm) as session:
            _enter(session, firm)
            if chance < 0.1:
                session.execute(text("SELECT 1/0"))
            if chance < 0.2:
                raise KeyError
            _check(session, firm)
            if chance < 0.6:
                session.commit()
                _check(session, firm)

    def work(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(ROUNDS):
            with suppress(KeyError, DBAPIError):
                visit(dice.choice([acme, globex]), dice.random())

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))

    assert set(company_names(acme)) == {"acme"}
    assert set(company_names(globex)) == {"globex"}


def _enter(session: object, firm: Firm) -> None:
    db.session.add(Company(name=firm.scope.slug, sort_key="x", search_text="x"))
    db.session.flush()


def _check(session: object, firm: Firm) -> None:
    seen = set(db.session.scalars(select(Company.name)))
    assert seen <= {firm.scope.slug}, f"{firm.scope.slug} read {seen}"


def test_negative_control_a_path_set_once_a_thread_leaks_through_the_pool(acme: Firm, globex: Firm) -> None:
    """What others do: remember per thread that the path is set, while connections wander between threads."""
    for firm in (acme, globex):
        with firm.work() as session:
            session.add(Company(name=firm.scope.slug, sort_key="x", search_text="x"))
    naive = create_engine(engines._for_sqlalchemy(settings().provisioner_url or ""), pool_size=2, max_overflow=0)
    leaks: list[str] = []

    def work(seed: int) -> None:
        dice, entered, firm = random.Random(seed), None, acme
        for _ in range(60):
            if dice.random() < 0.3:
                firm = dice.choice([acme, globex])
            with naive.connect() as connection:
                if entered is not firm:
                    connection.execute(text(f"SET search_path = {firm.scope.pg_schema}"))
                    connection.commit()
                    entered = firm
                with suppress(DBAPIError):
                    seen = connection.scalar(text("SELECT name FROM companies"))
                    leaks.extend([seen] if seen != firm.scope.slug else [])

    with ThreadPoolExecutor(6) as pool:
        for attempt in range(50):
            # The threads may happen to keep their connections; nobody's product should count on it.
            list(pool.map(work, range(6 * attempt, 6 * attempt + 6)))
            if leaks:
                break
    naive.dispose()

    assert leaks
