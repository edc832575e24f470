from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from tests.app.signup.newcomer import Newcomer


@pytest.fixture
def newcomer(app: Flask) -> Iterator[Newcomer]:
    """Somebody whose firm nobody knows yet. The clock is put right afterwards."""
    from tenants import clock

    yield Newcomer(app)
    clock.travel_with(timedelta)
