from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tenants import clock, lanes
from tests.colleagues import only_owners
from tests.firms import Firm
from tests.receiver import Receiver, receiver


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def firm(acme: Firm) -> Iterator[Firm]:
    """A firm of one, whose queues are empty. The clock is put right afterwards."""
    only_owners(acme)
    with lanes.connection() as redis:
        redis.flushdb()
    yield acme
    clock.travel_with(timedelta)
