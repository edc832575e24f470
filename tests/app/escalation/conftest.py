from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tenants import clock, lanes
from tests.colleagues import only_owners
from tests.firms import Firm


@pytest.fixture
def desk(acme: Firm) -> Iterator[Firm]:
    """A firm of one, whose queues are empty. The clock is put right afterwards."""
    only_owners(acme)
    with lanes.connection() as redis:
        redis.flushdb()
    yield acme
    clock.travel_with(timedelta)
