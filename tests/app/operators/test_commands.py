"""What operators do by hand."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Flask

from tests.commands import Kontor
from tests.firms import Firm, Visitor


def test_an_operator_made_by_hand_can_log_in(kontor: Kontor, app: Flask) -> None:
    made = kontor("operators", "create", "Otto.Berg@kontor.example", "--json")
    typed = kontor("operators", "create", "pia@kontor.example", "--password", "-", typed="the ferry leaves at nine\n")
    again = kontor("operators", "create", "otto.berg@kontor.example")
    weak = kontor("operators", "create", "x@kontor.example", "--password", "weak")

    told = json.loads(made.stdout)
    assert (told["email"], told["name"]) == ("otto.berg@kontor.example", "Otto Berg")
    for email, password in ((told["email"], told["password"]), ("pia@kontor.example", "the ferry leaves at nine")):
        answer = Visitor(app).post("/operator/login", data={"email": email, "password": password})
        assert answer.location == "/operator"
    assert typed.stdout == "pia@kontor.example\n"
    assert (again.returncode, again.stderr) == (1, "Error: There is an operator with this address already.\n")
    assert weak.returncode == 1


def test_an_operator_gets_a_new_password_and_is_let_in_no_more_and_again(kontor: Kontor, app: Flask) -> None:
    old = json.loads(kontor("operators", "create", "nils@kontor.example", "--json").stdout)["password"]
    inside = Visitor(app)
    inside.post("/operator/login", data={"email": "nils@kontor.example", "password": old})

    def enters(password: str) -> bool:
        given = {"email": "nils@kontor.example", "password": password}
        return Visitor(app).post("/operator/login", data=given).location == "/operator"

    new = json.loads(kontor("operators", "password", "nils@kontor.example", "--json").stdout)["password"]
    logged_out = inside.get("/operator").status_code
    known = (enters(old), enters(new))
    kontor("operators", "deactivate", "nils@kontor.example")
    deactivated = enters(new)
    listed = {one["email"]: one["active"] for one in json.loads(kontor("operators", "list", "--json").stdout)}
    kontor("operators", "reactivate", "nils@kontor.example")

    assert logged_out != HTTPStatus.OK
    assert known == (False, True)
    assert not deactivated
    assert listed["nils@kontor.example"] is False
    assert enters(new)
    assert "no operator with this address" in kontor("operators", "deactivate", "x@kontor.example").stderr


def test_a_tenant_is_suspended_and_resumed_by_hand(kontor: Kontor, acme: Firm) -> None:
    suspended = kontor("tenants", "suspend", "acme", "--reason", "Not paid.", "--json")
    assert "Not paid." in acme.client().get("/acme/contacts").text

    resumed = kontor("tenants", "resume", "acme", "--reason", "Paid.")
    again = kontor("tenants", "resume", "acme", "--reason", "Paid.", "--json")
    nobody = kontor("tenants", "suspend", "nobody", "--reason", "Not paid.")

    told = json.loads(suspended.stdout)
    assert (told["slug"], told["status"], told["reason"]) == ("acme", "suspended", "Not paid.")
    assert resumed.stdout == "acme is open.\n"
    assert json.loads(again.stdout) == {"slug": "acme", "status": "open"}
    assert nobody.stderr == "Error: There is no account at this address.\n"
    page = acme.client().get("/acme/operator")
    assert page.status_code == HTTPStatus.OK
    assert "Command line" in page.text


def test_the_state_of_the_workers_is_told(kontor: Kontor) -> None:
    from tenants import heartbeat, lanes

    with lanes.connection() as redis:
        redis.flushdb()
    nobody = kontor("workers", "status")
    heartbeat.beat("scheduler")
    worker = lanes.worker()
    worker.register_birth()
    try:
        somebody = json.loads(kontor("workers", "status", "--json").stdout)
    finally:
        worker.register_death()
    deaf = json.loads(kontor("workers", "status", "--json", REDIS_URL="redis://127.0.0.1:1/0").stdout)

    assert "No worker is alive." in nobody.stdout
    assert [one["doing"] for one in somebody["workers"]] == [""]
    assert somebody["lanes"] == {lane.value: 0 for lane in lanes.Lane}
    assert somebody["scheduler_seen_at"]
    assert deaf["redis"] is False
    assert deaf["workers"] == []
