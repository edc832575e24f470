from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.firms import Visitor


@pytest.fixture(autouse=True)
def _no_limits(app: Flask) -> Iterator[None]:
    """A test knocks as often as it likes; ``limits`` turns the counting on."""
    from app.core.limits import limiter

    limiter.enabled = False
    yield
    limiter.enabled = False


@pytest.fixture
def limits(_no_limits: None, app: Flask) -> None:
    from app.core.limits import limiter

    with app.app_context():
        limiter.reset()
    limiter.enabled = True


@pytest.fixture
def browser(app: Flask) -> Visitor:
    """Somebody who is not logged in and reads English."""
    return Visitor(app)
