from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from tests.firms import Firm


@pytest.fixture(autouse=True)
def _only_the_owners(acme: Firm, globex: Firm) -> Iterator[None]:
    """Whoever a story brings into the firms is gone again after it."""
    yield
    from app.users.models import User
    from tenants.db import platform_work
    from tenants.models import Membership

    for firm in (acme, globex):
        with firm.work() as session:
            session.execute(delete(User).where(User.id != firm.owner_id))
        others = (Membership.tenant_id == firm.scope.tenant_id) & (Membership.id != firm.owner_id)
        with firm.app.app_context(), platform_work() as session:
            session.execute(delete(Membership).where(others))
