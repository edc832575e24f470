from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.firms import Firm


@pytest.fixture
def yard(acme: Firm) -> Iterator[Firm]:
    """A firm with an empty queue. Clock and signals are put right afterwards."""
    from tenants import clock, lanes

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with lanes.connection() as redis:
        redis.flushdb()
    yield acme
    clock.travel_with(timedelta)
    for number, handler in handlers.items():
        signal.signal(number, handler)
