from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from tests.app.signup.newcomer import Newcomer


@pytest.fixture
def newcomer(app: Flask) -> Iterator[Newcomer]:
    """Somebody whose firm nobody knows yet. The clock is put right afterwards."""
    from app.core.limits import limiter
    from tenants import clock

    limiter.enabled = False
    yield Newcomer(app)
    limiter.enabled = False
    clock.travel_with(timedelta)
