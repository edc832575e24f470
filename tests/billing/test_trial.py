from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.firms import Firm

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

BROKEN = """
[trial]
plan = "golden"
days = 30

[plans.standard]
name = "Standard"
"""


def test_a_trial_begun_twice_ends_when_the_first_one_ends(acme: Firm) -> None:
    from billing import subscriptions
    from tenants.db import platform_work

    with acme.app.app_context(), platform_work() as session:
        first = subscriptions.start_trial(session, tenant_id=acme.scope.tenant_id, at=NOON)
        again = subscriptions.start_trial(session, tenant_id=acme.scope.tenant_id, at=NOON + timedelta(days=9))

        assert again is first
        assert first.trial_ends_at == NOON + timedelta(days=30)
        assert first.plan == "standard"
        session.delete(first)


def test_a_price_list_whose_trial_has_no_plan_is_refused() -> None:
    from billing import plans

    with pytest.raises(plans.PriceListRefused):
        plans.read(BROKEN)
