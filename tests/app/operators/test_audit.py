"""What operators do is written down, and stays."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from tests.app.operators.conftest import console
from tests.firms import Firm, Visitor, visitor_with_role


def test_every_look_and_every_act_is_written_down(acme: Firm, olga: Visitor) -> None:
    olga.get(console(acme))
    olga.post(f"{console(acme)}/suspension", data={"reason": "Not paid."})
    olga.post(f"{console(acme)}/suspension/end", data={"reason": "Paid."})

    page = olga.get("/operator/audit").text

    order = ["Resumed the tenant", "Suspended the tenant", "Looked at the tenant", "Logged in", "Made an operator"]
    places = [page.index(what) for what in order]
    assert places == sorted(places)
    assert "Olga Operator" in page
    assert "Not paid." in page
    assert "127.0.0.1" in page


def test_the_owner_reads_what_was_done_here_and_nothing_of_others(acme: Firm, globex: Firm, olga: Visitor) -> None:
    olga.get(console(acme))
    olga.post(f"{console(globex)}/suspension", data={"reason": "Not paid."})

    page = acme.client().get("/acme/operator")

    assert page.status_code == HTTPStatus.OK
    assert "Looked at the state of the account" in page.text
    assert "Olga Operator" in page.text
    assert "Not paid." not in page.text
    assert "127.0.0.1" not in page.text


@pytest.mark.parametrize("role", ["admin", "member", "reader"])
def test_it_is_for_owners_alone(acme: Firm, role: str) -> None:
    with visitor_with_role(acme, role) as visitor:
        assert visitor.get("/acme/operator").status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE platform.operator_audit SET who = 'Nobody'",
        "DELETE FROM platform.operator_audit",
        "TRUNCATE platform.operator_audit",
    ],
)
def test_nobody_who_works_for_the_platform_can_change_what_is_written(
    acme: Firm, olga: Visitor, statement: str
) -> None:
    from tenants.db import platform_work

    with acme.app.app_context(), pytest.raises(ProgrammingError, match="permission denied"), platform_work() as session:
        session.execute(text(statement))


def test_a_long_audit_is_read_page_by_page(acme: Firm, olga: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants import operators

    for _ in range(3):
        olga.get(console(acme))
    monkeypatch.setattr(operators, "PAGE", 2)
    monkeypatch.setattr(operators, "_DONE", operators._DONE.limit(3))

    first = acme.client().get("/acme/operator").text

    assert first.count("Looked at the state of the account") == 2
    address = first.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    assert acme.client().get(address).text.count("Looked at the state of the account") == 1
