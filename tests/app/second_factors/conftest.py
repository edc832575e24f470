from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.authenticators import Phone, add_app, forget_factors
from tests.colleagues import Colleague, colleague, only_owners
from tests.firms import Firm


@pytest.fixture
def gita(acme: Firm) -> Iterator[Colleague]:
    """With a password and nothing else."""
    from tenants import clock

    gita = colleague(acme, name="Gita Gut")
    forget_factors(acme.app, gita.identity_id)
    yield gita
    clock.travel_with(timedelta)
    forget_factors(acme.app, gita.identity_id)
    only_owners(acme)


@pytest.fixture
def phone(gita: Colleague) -> Phone:
    """Hers: from now on the log-in asks for its codes."""
    return add_app(gita.client())
