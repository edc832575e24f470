from __future__ import annotations

import pytest
from flask import Flask

from tests.firms import Visitor


@pytest.fixture
def browser(app: Flask) -> Visitor:
    """Somebody who is not logged in and reads English."""
    return Visitor(app)
