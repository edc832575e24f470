from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from flask import Flask

from tests.commands import Kontor
from tests.firms import Firm, Visitor
from tests.programs import with_token

PASSWORD = "the ferry leaves at nine"


def test_a_firm_opened_by_hand_works_and_is_listed(kontor: Kontor, app: Flask) -> None:
    given = ("--name", "Hafen & Söhne", "--owner", "Anna.Berg@hafen.example", "--locale", "de")

    made = kontor("tenants", "create", "hafen", *given, "--password", "-", "--json", typed=f"{PASSWORD}\n")
    again = kontor("tenants", "create", "hafen", *given, "--password", PASSWORD)
    listed = kontor("tenants", "list", "--json")

    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert {key: told[key] for key in ("slug", "name", "locale", "owner")} == {
        "slug": "hafen",
        "name": "Hafen & Söhne",
        "locale": "de",
        "owner": "anna.berg@hafen.example",
    }
    assert told["url"] == "http://127.0.0.1:8000/hafen/"
    assert again.returncode == 1
    assert again.stderr == "Error: This address is taken already; please choose another one.\n"
    assert [one["status"] for one in json.loads(listed.stdout) if one["slug"] == "hafen"] == ["open"]
    browser = Visitor(app)
    browser.post("/login", data={"email": "anna.berg@hafen.example", "password": PASSWORD})
    assert browser.get("/hafen/").status_code == HTTPStatus.OK
    assert with_token(app, told["token"]).get("/hafen/api/v1/contacts").json == {"items": [], "next": None}


def test_a_token_is_made_by_hand(kontor: Kontor, acme: Firm) -> None:
    given = ("tokens", "create", "acme", "--user", "owner@acme.example", "--scopes")

    made = kontor(*given, "contacts.read,tags.read", "--days", "30", "--json")
    unknown_scope = kontor(*given, "contacts.fly")
    unknown_user = kontor("tokens", "create", "acme", "--user", "nobody@acme.example", "--scopes", "*")

    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["scopes"] == ["contacts.read", "tags.read"]
    shop = with_token(acme.app, told["token"])
    assert shop.get("/acme/api/v1/tags").status_code == HTTPStatus.OK
    assert shop.get("/acme/api/v1/users").status_code == HTTPStatus.FORBIDDEN
    assert unknown_scope.returncode == 2
    assert "contacts.fly" in unknown_scope.stderr
    assert unknown_user.returncode == 1
    assert unknown_user.stderr == "Error: Nobody with this address is an active user of this account.\n"


@pytest.mark.parametrize(
    ("slug", "owner", "password", "sentence"),
    [
        (
            "login",
            "a@b.example",
            PASSWORD,
            "This address is used by Kontor itself; please choose another one.",
        ),
        ("A b", "a@b.example", PASSWORD, "An address has 2 to 40 small letters, digits and single hyphens"),
        ("fine", "nobody", PASSWORD, "This is not an e-mail address."),
        ("fine", "a@b.example", "weak", "The password needs at least 10 characters"),
    ],
)
def test_what_cannot_be_opened_is_said_in_one_sentence(
    kontor: Kontor, slug: str, owner: str, password: str, sentence: str
) -> None:
    refused = kontor("tenants", "create", slug, "--name", "N", "--owner", owner, "--password", password)

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Error: {sentence}")
    assert refused.stderr.count("\n") == 1
    assert refused.stdout == ""


def test_migrating_what_is_current_changes_nothing(kontor: Kontor) -> None:
    kontor("migrate")

    again = kontor("migrate", "--json")

    assert json.loads(again.stdout) == {"migrated": 0, "made_ready": 0}


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY must have at least 32 characters."),
        ({"PUBLIC_URL": "kontor.example"}, "PUBLIC_URL must begin with http:// or https:// and name a host."),
        ({"DATABASE_URL": "postgresql://kontor_platform@127.0.0.1:1/kontor"}, "The database does not answer:"),
    ],
)
def test_a_house_that_cannot_work_says_why(kontor: Kontor, environment: dict[str, str], sentence: str) -> None:
    refused = kontor("tenants", "list", **environment)

    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith(f"Error: {sentence}")
    assert "Traceback" not in refused.stderr


def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(app: Flask, kontor: Kontor) -> None:
    from app.operators import gathering
    from tenants import heartbeat, lanes, provisioning

    provisioning.fill_stock()
    with app.app_context():
        gathering.gather()
    with lanes.connection() as redis:
        redis.flushdb()

    ill = kontor("doctor")
    heartbeat.beat("scheduler")
    worker = lanes.worker()
    worker.register_birth()
    try:
        healthy = kontor("doctor", "--json")
    finally:
        worker.register_death()

    assert ill.returncode == 1
    assert "WRONG  worker: No worker is alive, so jobs wait.\n         Start one: `kontor worker`.\n" in ill.stdout
    assert "ok     walls: All rights in the database are as they must be.\n" in ill.stdout
    assert healthy.returncode == 0, healthy.stdout
    told = json.loads(healthy.stdout)
    assert told["healthy"] is True
    assert {"settings", "postgresql", "walls", "redis", "mails", "disk"} <= {f["part"] for f in told["findings"]}


@pytest.mark.parametrize(
    ("environment", "part", "sentence"),
    [
        ({"SECRET_KEY": "short"}, "settings", "SECRET_KEY must have at least 32 characters."),
        ({"PROVISIONER_URL": "postgresql://kontor@127.0.0.1:1/kontor"}, "postgresql", "The database does not answer:"),
    ],
)
def test_the_doctor_speaks_of_what_keeps_everything_else_from_working(
    kontor: Kontor, environment: dict[str, str], part: str, sentence: str
) -> None:
    told = kontor("doctor", "--json", **environment)

    assert told.returncode == 1
    wrong = [f for f in json.loads(told.stdout)["findings"] if not f["ok"]]
    assert wrong[0]["part"] == part
    assert wrong[0]["sentence"].startswith(sentence)
    assert wrong[0]["remedy"]
