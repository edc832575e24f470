from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.firms import Firm, Visitor

PASSWORD = "the lighthouse at dusk"
EMAIL = "olga@kontor.example"


@pytest.fixture(autouse=True)
def _no_operators(app: Flask) -> Iterator[None]:
    """Nobody has been here yet; both firms are open again in the end."""
    from tenants import engines

    yield
    with engines.provisioner() as connection:
        connection.execute(
            "DELETE FROM platform.operator_sessions; DELETE FROM platform.operators;"
            "DELETE FROM platform.operator_audit; DELETE FROM platform.tenant_figures;"
            "UPDATE platform.tenants SET status = 'open', suspended_at = NULL, suspended_for = NULL,"
            " migration_error = NULL, next_due_at = NULL WHERE status = 'suspended' OR slug IN ('acme', 'globex')"
        )


@pytest.fixture
def olga(app: Flask) -> Visitor:
    """A browser in which an operator is logged in."""
    from tenants import operators
    from tenants.operators import Hand

    with app.app_context():
        operators.create(email=EMAIL, name="Olga Operator", password=PASSWORD, by=Hand(who="Command line"))
    browser = Visitor(app)
    browser.post("/operator/login", data={"email": EMAIL, "password": PASSWORD})
    return browser


def console(firm: Firm) -> str:
    """The console's page about a firm."""
    return f"/operator/tenants/{firm.scope.tenant_id}"


def age_changes(firm: Firm, *, minutes: int) -> None:
    """As if nobody had forwarded anything for so long."""
    from tenants import engines

    with engines.provisioner() as connection:
        ago = f"clock_timestamp() - interval '{minutes} minutes 5 seconds'"
        late = f"UPDATE {firm.scope.pg_schema}.unrouted SET at = {ago}"
        connection.execute(late.encode())
