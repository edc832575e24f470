"""Real PostgreSQL, real Valkey, two firms, and a clean table before each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from config import logins
from deploy.local import embedded
from tests.commands import Kontor, command_line
from tests.firms import Firm, Reset, open_firm

# How long it takes to think of an example says how busy the machine is, and nothing of the product.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# For every property that does not say itself how many cases it is worth.
settings.register_profile("nightly", settings.get_profile("house"), max_examples=10_000)
_NIGHTLY_SECONDS = 3600


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="run the long tests too, and 10,000 cases of a property")
    parser.addoption("--postgres", metavar="MAJOR", help="version of PostgreSQL to test with, if several are here")


def pytest_configure(config: pytest.Config) -> None:
    # Before the tests are loaded: a property takes its number of cases from what holds then.
    settings.load_profile("nightly" if config.getoption("nightly") else "house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("nightly"):
        for item in items:
            item.add_marker(pytest.mark.timeout(_NIGHTLY_SECONDS))
        return
    left_out = [item for item in items if item.get_closest_marker("nightly")]
    items[:] = [item for item in items if not item.get_closest_marker("nightly")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)


_SHARED = {
    "tests/browser/test_pages.py": "tour",
    "tests/browser/": "stories",
    "tests/deploy/test_behind_the_proxy.py": "site",
}
"""Tests whose names begin like this run one after the other in one process."""


class _SharedHouses(LoadScopeScheduling):
    """Stories with a browser share one process, and so one house; the tour of all pages has another, and so has what is
    asked of a server behind its proxy. They begin first. Every other test goes wherever there is room.
    """

    def _split_scope(self, nodeid: str) -> str:
        shared = (house for place, house in _SHARED.items() if nodeid.startswith(place))
        return next(shared, nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> _SharedHouses:
    # Not --dist loadgroup: xdist 3.8 writes the group where pytest 9.2 no longer reads it.
    return _SharedHouses(config, log)


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Databases in memory where the machine has such a place, and the settings that lead to them."""
    memory, major = Path("/dev/shm"), request.config.getoption("postgres")
    home = Path(tempfile.mkdtemp(prefix="kontor-", dir=memory if os.access(memory, os.W_OK) else None))
    try:
        with (
            embedded.postgres(home / "pg", durable=False, major=major) as database_url,
            embedded.valkey(home / "kv", durable=False) as redis_url,
        ):
            os.environ.update(
                PROVISIONER_URL=database_url,
                **logins.addresses(database_url, password=None),
                REDIS_URL=redis_url,
                SECRET_KEY="a secret that only tests know and nobody else",
                KONTOR_HOME=str(home / "files"),
                KONTOR_EMBEDDED="1",
                KONTOR_STOCK="2",
                KONTOR_TRAVELLING_CLOCK="1",
                KONTOR_LOOPBACK_WEBHOOKS="1",
            )
            yield
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def house(servers: None) -> Iterator[Flask]:
    from app.factory import create_app
    from tenants import fleet, provisioning
    from tenants.db import db

    fleet.migrate()
    provisioning.fill_stock()
    app = create_app()
    app.testing = True
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def firms(house: Flask) -> tuple[Firm, Firm]:
    return open_firm(house, slug="acme", name="Acme"), open_firm(house, slug="globex", name="Globex")


@pytest.fixture(scope="session")
def reset(firms: tuple[Firm, Firm]) -> Iterator[Reset]:
    emptied = Reset(*firms)
    yield emptied
    emptied.close()


@pytest.fixture
def app(house: Flask, reset: Reset) -> Flask:
    """The product with two firms that have entered nothing yet."""
    reset()
    return house


@pytest.fixture
def acme(app: Flask, firms: tuple[Firm, Firm]) -> Firm:
    return firms[0]


@pytest.fixture
def globex(app: Flask, firms: tuple[Firm, Firm]) -> Firm:
    return firms[1]


@pytest.fixture
def kontor(app: Flask) -> Kontor:
    """``kontor("tenants", "list")``: as if typed."""
    return command_line(app)
