"""The page "Usage and bill": what the firm used, day by day, and what it costs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from billing.models import Meter
from tests.colleagues import only_owners
from tests.commands import Kontor
from tests.firms import Firm, counted_statements, visitor_with_role
from tests.records import add_company, add_contact

GIGABYTE = 10**9
SOURCE = UUID(int=7)


@pytest.fixture(autouse=True)
def _empty(app: object, acme: Firm) -> None:
    """Nothing was counted."""
    from billing.models import UsageSource, usage_counters, usage_levels
    from tenants.db import platform_work

    with acme.app.app_context(), platform_work() as session:
        for table in (usage_counters, usage_levels, UsageSource.__table__):
            session.execute(table.delete())


def transferred(firm: Firm, at: datetime, *, received: int = 0, sent: int = 0, source: UUID = SOURCE) -> None:
    from billing import ledger
    from billing.ledger import Total
    from tenants.db import platform_work

    hour = at.replace(minute=0, second=0, microsecond=0)
    totals = [
        Total(firm.scope.tenant_id, hour, meter, source, total)
        for meter, total in ((Meter.BYTES_IN.value, received), (Meter.BYTES_OUT.value, sent))
    ]
    with firm.app.app_context(), platform_work() as session:
        ledger.add(session, totals)


def has(firm: Firm, day: date, *, users: int, records: int = 0, storage: int = 0) -> None:
    from billing import ledger

    levels = {Meter.USERS: users, Meter.RECORDS: records, Meter.STORAGE: storage}
    with firm.app.app_context():
        ledger.add_levels(firm.scope.tenant_id, day, levels, at=datetime(2026, 10, 30, 12, tzinfo=UTC))


def october(firm: Firm) -> str:
    return firm.client().get(f"{firm.url}/usage?month=2026-10").text


def test_the_page_tells_what_a_month_that_is_over_cost(acme: Firm, globex: Firm) -> None:
    for day in range(1, 32):
        has(acme, date(2026, 10, day), users=3 if day <= 15 else 4, records=120, storage=5_000_000)
    transferred(acme, datetime(2026, 10, 3, 9, tzinfo=UTC), received=2 * GIGABYTE, sent=28 * GIGABYTE)
    transferred(globex, datetime(2026, 10, 3, 9, tzinfo=UTC), sent=999 * GIGABYTE)

    page = october(acme)

    # 19.00 and, of 9.00 each, 3 users for 15 days and 4 for 16; 20 GB beyond those included.
    assert "€19.00" in page
    assert "€31.65" in page
    assert "€5.00" in page
    assert "€55.65" in page
    assert "30 GB" in page
    assert "At this pace" not in page
    assert "€52" not in page


def test_a_day_begins_at_midnight_where_the_firm_is(acme: Firm) -> None:
    from billing import metering

    before, after = datetime(2026, 9, 30, 21, 59, tzinfo=UTC), datetime(2026, 9, 30, 22, tzinfo=UTC)
    transferred(acme, before, sent=1)
    transferred(acme, after, sent=20)
    transferred(acme, datetime(2026, 10, 31, 22, 59, tzinfo=UTC), sent=300)
    transferred(acme, datetime(2026, 10, 31, 23, 0, tzinfo=UTC), sent=4000)

    with acme.app.app_context():
        september, october, november = (metering.month(acme.scope.tenant_id, 2026, month) for month in (9, 10, 11))

    assert [usage.bytes_out for usage in (september, october, november)] == [1, 320, 4000]
    assert [october.days[at].bytes_out for at in (0, 30)] == [20, 300]


def test_the_month_so_far_says_what_it_will_be_at_this_pace(acme: Firm) -> None:
    from billing import metering
    from tenants import clock

    with acme.app.app_context():
        now = clock.now()
        usage = metering.month(acme.scope.tenant_id, now.year, now.month)
        transferred(acme, now, sent=123_456_789)
        has(acme, now.astimezone(usage.zone).date(), users=2)

    page = acme.client().get(f"{acme.url}/usage").text

    assert "At this pace it will be" in page
    assert "123 MB" in page
    assert "Nothing has been counted yet." in page


def test_users_records_and_files_are_counted_and_the_most_of_a_day_stays(acme: Firm) -> None:
    from app.subscription import counting
    from billing import metering
    from tenants import clock

    only_owners(acme)
    contact_id = add_contact(acme)
    add_company(acme)
    with acme.app.app_context():
        counting.count_everywhere()
        acme.client().post(f"{acme.url}/contacts/{contact_id}/delete")
        counting.count_everywhere()
        now = clock.now()
        today = now.astimezone(ZoneInfo(acme.scope.timezone))
        usage = metering.month(acme.scope.tenant_id, today.year, today.month)

    assert usage.last(Meter.USERS) == 1
    assert usage.last(Meter.RECORDS) == 2
    assert usage.levels_at is not None
    assert usage.levels_at - now < timedelta(minutes=1)


def test_lists_learn_what_many_firms_transferred_in_one_statement(acme: Firm, globex: Firm) -> None:
    from billing import metering
    from tenants import clock

    nobody = UUID(int=99)
    with acme.app.app_context():
        now = clock.now()
    transferred(acme, now, received=3, sent=4)
    transferred(acme, now, sent=10, source=UUID(int=8))
    transferred(acme, now - timedelta(days=40), sent=1000)
    transferred(globex, now, sent=50)

    with counted_statements(acme.app) as counted, acme.app.app_context():
        found = metering.bytes_this_month([acme.scope.tenant_id, globex.scope.tenant_id, nobody])

    assert found == {acme.scope.tenant_id: 17, globex.scope.tenant_id: 50, nobody: 0}
    assert len(counted) == 1


@pytest.mark.parametrize(("month", "status"), [("2026-13", 404), ("next", 404), ("2999-01", 200)])
def test_a_month_that_there_is_not_is_not_found_and_one_to_come_is_this_one(
    acme: Firm, month: str, status: int
) -> None:
    assert acme.client().get(f"{acme.url}/usage?month={month}").status_code == status


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("admin", 200), ("member", 403), ("reader", 403)])
def test_only_who_runs_the_firm_sees_what_it_costs(acme: Firm, role: str, status: int) -> None:
    with visitor_with_role(acme, role) as visitor:
        assert visitor.get(f"{acme.url}/usage").status_code == status
        assert ("Usage and bill" in visitor.get(f"{acme.url}/contacts").text) == (status == 200)


def test_the_page_takes_as_few_statements_for_a_full_month_as_for_an_empty_one(acme: Firm) -> None:
    visitor = acme.client()
    visitor.get(f"{acme.url}/usage?month=2026-10")
    with counted_statements(acme.app) as for_none:
        visitor.get(f"{acme.url}/usage?month=2026-10")
    for hour in range(0, 700, 7):
        transferred(acme, datetime(2026, 10, 1, tzinfo=UTC) + timedelta(hours=hour), received=hour, sent=hour)

    with counted_statements(acme.app) as for_many:
        visitor.get(f"{acme.url}/usage?month=2026-10")

    assert len(for_none) == len(for_many) <= 4


def test_the_command_tells_the_same_as_the_page(kontor: Kontor, acme: Firm) -> None:
    for day in range(1, 32):
        has(acme, date(2026, 10, day), users=3)
    transferred(acme, datetime(2026, 10, 3, 9, tzinfo=UTC), received=2 * GIGABYTE, sent=28 * GIGABYTE)

    told = json.loads(kontor("usage", acme.scope.slug, "--month", "2026-10", "--json").stdout)
    read = kontor("usage", acme.scope.slug, "--month", "2026-10").stdout

    assert (told["cents"], told["cents_at_this_pace"], told["currency"]) == (1900 + 2700 + 500, 5100, "EUR")
    assert (told["bytes_in"], told["bytes_out"]) == (2 * GIGABYTE, 28 * GIGABYTE)
    assert told["days"][2]["bytes_out"] == 28 * GIGABYTE
    assert len(told["days"]) == 31
    assert "51.00 EUR" in read
    assert "28,000,000,000" in read


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nobody",), "There is no account at this address."),
        (("acme", "--month", "October"), "A month is written as 2026-11."),
    ],
)
def test_the_command_refuses_what_there_is_not_in_one_sentence(
    kontor: Kontor, acme: Firm, arguments: tuple[str, ...], sentence: str
) -> None:
    done = kontor("usage", *arguments)

    assert (done.returncode, done.stderr) == (1, f"Error: {sentence}\n")
