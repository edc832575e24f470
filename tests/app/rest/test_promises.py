"""What the descriptions of resources say, held against each of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.core.features import features
from app.core.resources import Resource
from app.features import ALL
from app.rest import repeats
from app.rest.models import KeptAnswer
from tenants.tokens import EVERYTHING
from tests.firms import Firm, Visitor
from tests.house import samples
from tests.house.routes import rooms
from tests.programs import program

RESOURCES = [resource for feature in ALL for resource in feature.resources]
ADDED = [resource for resource in RESOURCES if resource.create is not None]
NEITHER_TEXT_NOR_LIST = {"a": 1}


def sent(resource: Resource, firm: Firm) -> dict[str, object]:
    adds = next(r for r in rooms() if r.by_token and r.method == "POST" and r.collection == resource.name)
    return dict(samples.body(adds, firm) or {})


@pytest.mark.parametrize("resource", ADDED, ids=lambda one: one.name)
def test_an_answer_has_exactly_the_fields_that_are_described(acme: Firm, resource: Resource) -> None:
    shop, address = program(acme), f"{acme.url}/api/v1/{resource.name}"
    told = Visitor(acme.app).get("/api/v1/openapi.json").json["components"]["schemas"][resource.one]

    made = shop.post(address, json=sent(resource, acme))

    assert made.status_code == 201, made.text
    assert set(made.json) == set(told["properties"])
    assert shop.get(f"{address}/{made.json['id']}").json == made.json
    assert made.json in shop.get(address).json["items"]


@pytest.mark.parametrize("resource", ADDED, ids=lambda one: one.name)
def test_a_field_of_another_kind_or_of_no_kind_is_refused_by_its_name(acme: Firm, resource: Resource) -> None:
    shop, address, whole = program(acme), f"{acme.url}/api/v1/{resource.name}", sent(resource, acme)
    assert resource.entered is not None

    for name in (*resource.entered._declared_fields, "unheard_of"):
        answer = shop.post(address, json={**whole, name: NEITHER_TEXT_NOR_LIST})

        assert answer.status_code == 422, (name, answer.text)
        assert list(answer.json["errors"]) == [name]


def test_the_examples_of_the_reference_can_be_sent(acme: Firm) -> None:
    assert {resource.name for resource in ADDED} == {
        "contacts",
        "companies",
        "complaints",
        "affiliations",
        "activities",
        "tasks",
        "tags",
    }
    for resource in ADDED:
        assert program(acme).post(f"{acme.url}/api/v1/{resource.name}", json=sent(resource, acme)).status_code == 201


def test_every_scope_that_an_address_asks_for_is_offered_to_the_owner(acme: Firm) -> None:
    page = acme.client().get(f"{acme.url}/tokens/new").text

    missing = {r.allow for r in rooms() if r.by_token and f'value="{r.allow}"' not in page}

    assert missing == set()
    assert EVERYTHING not in features.permissions()


def test_the_description_speaks_the_readers_language(acme: Firm) -> None:
    def description(language: str) -> str:
        return json.dumps(
            Visitor(acme.app).get("/api/v1/openapi.json", headers={"Accept-Language": language}).json,
            ensure_ascii=False,
        )

    assert "Nachname" in description("de")
    assert "Last name" in description("en")


def test_the_reference_shows_every_operation(acme: Firm) -> None:
    page = Visitor(acme.app).get("/api-reference")

    missing = [r for r in rooms() if r.by_token and f'id="{r.endpoint.partition(".")[2]}"' not in page.text]

    assert page.status_code == 200
    assert missing == []


def test_kept_answers_are_forgotten_after_a_day(acme: Firm, travel: Callable[[timedelta], None]) -> None:
    shop, address = program(acme), f"{acme.url}/api/v1/tags"
    shop.post(address, json={"name": "Messe"}, headers={"Idempotency-Key": "a"})
    with acme.app.app_context():
        repeats.forget_everywhere()
    with acme.work() as session:
        kept = session.query(KeptAnswer).count()
    travel(timedelta(hours=25))

    with acme.app.app_context():
        repeats.forget_everywhere()

    with acme.work() as session:
        assert (kept, session.query(KeptAnswer).count()) == (1, 0)
