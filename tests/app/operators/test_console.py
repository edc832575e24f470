"""What an operator sees of all tenants, and of one."""

from __future__ import annotations

import re
from http import HTTPStatus
from uuid import uuid4

import pytest

from tests.app.operators.conftest import console
from tests.firms import Firm, Visitor, counted_statements
from tests.records import add_contact, add_many


def gather(firm: Firm) -> None:
    from app.operators import gathering

    with firm.app.app_context():
        gathering.gather()


def fail_a_job(firm: Firm, *, error: str) -> None:
    from tenants import clock
    from tenants.jobs import Job, JobState

    with firm.work() as session:
        session.add(
            Job(
                name="app.imports.jobs.run",
                arguments={},
                state=JobState.FAILED,
                attempts=5,
                due_at=clock.now(),
                error=error,
            )
        )


def names(page: str) -> list[str]:
    return re.findall(r"data-row[^>]*>([^<]+)</a>", page)


def names_of_both(page: str) -> list[str]:
    """In the page's order; other tests leave firms behind, and some of those in trouble."""
    return [name for name in names(page) if name in ("Acme", "Globex")]


def addresses(page: str) -> list[str]:
    return re.findall(r'href="/operator/[a-z]+/([^"/]+)" data-row', page)


def test_who_is_in_trouble_comes_first(acme: Firm, globex: Firm, olga: Visitor) -> None:
    fail_a_job(globex, error="ValueError: no")
    gather(acme)

    by_trouble, by_name = olga.get("/operator").text, olga.get("/operator?sort=name").text

    assert names_of_both(by_trouble) == ["Globex", "Acme"]
    assert "Jobs failed" in by_trouble
    assert names_of_both(by_name) == ["Acme", "Globex"]


def test_a_failed_migration_is_the_gravest(acme: Firm, globex: Firm, olga: Visitor) -> None:
    from tenants.db import platform_work
    from tenants.models import Tenant

    fail_a_job(globex, error="ValueError: no")
    with acme.app.app_context(), platform_work() as session:
        session.get_one(Tenant, acme.scope.tenant_id).migration_error = "column is missing"
    gather(acme)

    page = olga.get("/operator").text

    assert names_of_both(page) == ["Acme", "Globex"]
    assert "Migration failed" in page
    assert "column is missing" in olga.get(console(acme)).text


def test_a_tenant_is_found_by_its_name_and_by_its_address(acme: Firm, globex: Firm, olga: Visitor) -> None:
    assert names(olga.get("/operator?q=LOBE").text) == ["Globex"]
    assert names(olga.get("/operator?q=acme").text) == ["Acme"]
    assert "No tenant found" in olga.get("/operator?q=100%25").text


def test_figures_are_those_of_the_ledger_and_say_how_old_they_are(acme: Firm, olga: Visitor) -> None:
    from app.subscription import counting

    before = olga.get("/operator?q=acme").text
    add_many(acme, "contact", [{"family_name": f"Neu {number}"} for number in range(7)])
    with acme.app.app_context():
        counting.count_everywhere()
    gather(acme)

    after = olga.get("/operator?q=acme").text

    assert "Figures:" not in before
    assert "Figures:" in after
    assert re.search(r'<td class="is-number">7</td>', after)


@pytest.mark.parametrize("sort", ["trouble", "name", "transferred", "active"])
def test_every_order_shows_each_tenant_once_page_by_page(
    acme: Firm, globex: Firm, olga: Visitor, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.operators import queries

    monkeypatch.setattr(queries, "PAGE", 1)
    gather(acme)
    seen, address = [], f"/operator?sort={sort}"
    while address:
        page = olga.get(address).text
        seen += addresses(page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""

    assert len(seen) == len(set(seen))
    assert {str(acme.scope.tenant_id), str(globex.scope.tenant_id)} <= set(seen)


def test_an_address_that_was_tampered_with_shows_the_first_page(acme: Firm, olga: Visitor) -> None:
    assert names(olga.get("/operator?sort=name&after=evil").text) == names(olga.get("/operator?sort=name").text)


def test_the_list_takes_two_statements_and_visits_no_tenant(acme: Firm, olga: Visitor) -> None:
    with counted_statements(acme.app) as statements:
        olga.get("/operator")

    assert len(statements) == 2


def test_the_page_of_a_tenant_tells_what_failed_but_not_what_people_entered(acme: Firm, olga: Visitor) -> None:
    add_contact(acme, family_name="Geheimrat")
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in b\n    c()\nValueError: the sheet is torn\n'
    fail_a_job(acme, error=trace)

    page = olga.get(console(acme))

    assert page.status_code == HTTPStatus.OK
    assert "ValueError: the sheet is torn" in page.text
    assert "line 1" not in page.text
    assert "Geheimrat" not in page.text
    assert page.text.count('<svg class="chart"') == 3


def test_there_is_no_page_of_a_tenant_that_is_none(olga: Visitor) -> None:
    assert olga.get(f"/operator/tenants/{uuid4()}").status_code == HTTPStatus.NOT_FOUND


def test_the_queues_tell_who_works_and_what_waits(acme: Firm, olga: Visitor) -> None:
    from tenants import heartbeat, lanes

    with lanes.connection() as redis:
        redis.flushdb()
    worker = lanes.worker()
    worker.register_birth()
    heartbeat.beat("scheduler")
    try:
        page = olga.get("/operator/queues").text
    finally:
        worker.register_death()

    assert "waits for work" in page
    assert "last sign of life" in page
    assert "No worker is alive" not in page
    assert "No worker is alive" in olga.get("/operator/queues").text


def test_a_lag_and_what_failed_are_told_in_figures(acme: Firm, olga: Visitor) -> None:
    from tests.app.operators.conftest import age_changes

    add_contact(acme)
    age_changes(acme, minutes=5)
    fail_a_job(acme, error="ValueError: no")
    gather(acme)

    page = olga.get("/operator?q=acme").text

    assert "Forwarding stands still" in page
    assert "+1" in page
    assert '<td class="is-number">5m</td><td class="is-number">1</td>' in page


def test_an_operator_tries_again_and_discards_what_a_firm_gave_up_and_it_is_written_down(
    acme: Firm, olga: Visitor
) -> None:
    for number in range(2):
        fail_a_job(acme, error=f"ValueError: No. {number}")
    url = f"/operator/tenants/{acme.scope.tenant_id}/dead-letters"

    page = olga.get(url)
    first, second = re.findall(rf"{url}/job/([0-9a-f-]+)/retry", page.text)
    statuses = [olga.post(f"{url}/job/{first}/retry").status_code, olga.post(f"{url}/job/{second}/discard").status_code]

    assert page.status_code == HTTPStatus.OK
    assert "ValueError: No. 1" in page.text
    assert "Kontor was not prepared for this." in page.text
    assert statuses == [HTTPStatus.SEE_OTHER] * 2
    assert "Nothing was given up" in olga.get(url).text
    audit = olga.get("/operator/audit").text
    assert "Tried again what was given up" in audit
    assert "Discarded what was given up" in audit


def test_an_operator_who_reads_german_reads_in_german_what_went_wrong(acme: Firm, olga: Visitor) -> None:
    fail_a_job(acme, error="psycopg.errors.LockNotAvailable: canceling statement due to lock timeout")
    olga.post("/preferences", data={"locale": "de"})

    page = olga.get(f"/operator/tenants/{acme.scope.tenant_id}/dead-letters").text

    assert "Jemand anders hat dieselben Daten zu lange bearbeitet." in page
    assert "<code>psycopg.errors.LockNotAvailable: canceling statement due to lock timeout</code>" in page
