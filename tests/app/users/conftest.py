from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.colleagues import only_owners
from tests.firms import Firm


@pytest.fixture(autouse=True)
def _only_owners_stay(acme: Firm, globex: Firm) -> Iterator[None]:
    only_owners(acme, globex)
    yield
    only_owners(acme, globex)
