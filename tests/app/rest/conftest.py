from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tenants import clock


@pytest.fixture
def travel() -> Iterator[Callable[[timedelta], None]]:
    """Move the clock of this process; it goes right again after the test."""
    yield lambda offset: clock.travel_with(lambda: offset)
    clock.travel_with(timedelta)
