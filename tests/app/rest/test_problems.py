from __future__ import annotations

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.firms import Firm
from tests.programs import program


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "nothing", {}, 404),
        ("GET", "contacts/not-an-id", {}, 404),
        ("GET", "contacts/01a00000-0000-7000-8000-000000000000", {}, 404),
        ("PUT", "contacts", {}, 405),
        ("POST", "contacts", {"data": b"{", "content_type": "application/json"}, 400),
        ("POST", "contacts", {"data": b"[" * 100_000, "content_type": "application/json"}, 400),
        ("POST", "contacts", {"data": b"family_name=Berg"}, 415),
        ("POST", "contacts", {"data": b" " * (2 << 20), "content_type": "application/json"}, 413),
        ("POST", "contacts", {"json": ["Berg"]}, 422),
        ("POST", "contacts", {"json": {"family_name": 7}}, 422),
        ("POST", "contacts", {"json": {"family_name": "Berg", "nickname": "B"}}, 422),
        ("POST", "contacts", {"json": {"family_name": "Berg", "points": [{"kind": "email", "value": "x"}]}}, 422),
        ("POST", "contacts", {"json": {"family_name": "Berg"}, "headers": {"Idempotency-Key": "a b"}}, 422),
        ("GET", "contacts?page_size=1000", {}, 422),
        ("GET", "contacts?sort=salary", {}, 422),
        ("GET", "contacts?q=%00%ff", {}, 200),
    ],
)
def test_whatever_goes_wrong_is_a_problem_document(
    acme: Firm, method: str, path: str, sent: dict[str, object], status: int
) -> None:
    answer = program(acme).open(f"{acme.url}/api/v1/{path}", method=method, **sent)

    assert answer.status_code == status, answer.text
    if status >= 400:
        assert answer.content_type == "application/problem+json"
        assert answer.json["status"] == status
        assert answer.json["code"]
        assert answer.json["title"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/v2/contacts", 404),
        ("GET", "/api/v1/contacts", 404),
        ("POST", "/api/v1/openapi.json", 405),
        ("GET", "{firm}/api", 404),
        ("GET", "{firm}/api/v1", 404),
        ("GET", "{firm}/api/v1/", 404),
        ("GET", "{firm}/api/v1/contacts/", 404),
        ("GET", "{firm}/api/v1//contacts", 404),
        ("GET", "{firm}//api/v1/contacts", 404),
        ("POST", "{firm}/api/v1/nothing", 404),
        ("DELETE", "{firm}/api/v1/contacts", 405),
        ("PROPFIND", "{firm}/api/v1/contacts", 405),
        ("GET", "/NOBODY/api/v1/contacts", 404),
        ("GET", "{firm}/api/v1/contacts%00", 404),
    ],
)
def test_whatever_address_a_program_tries_it_is_answered_as_a_program(
    acme: Firm, method: str, path: str, status: int
) -> None:
    answer = program(acme).open(path.format(firm=acme.url), method=method)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.text
    assert answer.json["request"] == answer.headers["X-Request-Id"]


def test_a_crash_is_a_problem_document_too_whose_request_stands_in_the_log(
    acme: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acme.app, "testing", False)
    monkeypatch.setitem(acme.app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr("app.rest.usage.metering.month", lambda *_: 1 / 0)

    with capture_logs(processors=[merge_contextvars]) as lines:
        answer = program(acme).get(f"{acme.url}/api/v1/usage")

    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert answer.json["request"] == answer.headers["X-Request-Id"]
    assert {(line["event"], line["request"]) for line in lines} == {
        (event, answer.headers["X-Request-Id"]) for event in ("crashed", "request")
    }


def test_every_answer_names_its_request_also_to_people(acme: Firm) -> None:
    answers = [acme.client().get(f"{acme.url}/contacts"), program(acme).get(f"{acme.url}/api/v1/contacts")]

    named = [answer.headers["X-Request-Id"] for answer in answers]

    assert len(set(named)) == 2


def test_a_method_that_does_not_fit_names_those_that_do(acme: Firm) -> None:
    answer = program(acme).put(f"{acme.url}/api/v1/contacts")

    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


def test_problems_are_told_in_the_language_that_is_asked_for(acme: Firm) -> None:
    answer = program(acme).get(f"{acme.url}/api/v1/nothing", headers={"Accept-Language": "de"})

    assert answer.json["title"] == "Hier ist nichts."


def test_what_is_wrong_with_a_part_is_told_at_its_place(acme: Firm) -> None:
    sent = {"family_name": "Berg", "points": [{"kind": "phone", "value": "040 1"}, {"kind": "email", "value": "x"}]}

    answer = program(acme).post(f"{acme.url}/api/v1/contacts", json=sent)

    assert answer.json["errors"] == {"points": {"1": {"value": ["This is not an e-mail address."]}}}


@pytest.mark.parametrize(
    ("collection", "sent", "field"),
    [
        ("tasks", {"text": "Call.", "due_on": ""}, "due_on"),
        ("tasks", {"text": "Call.", "due_on": "2027-03-01", "due_time": " "}, "due_time"),
        ("complaints", {"what": "It leaks.", "due": ""}, "due"),
        ("complaints", {"what": "It leaks.", "priority": ""}, "priority"),
        ("tags", {"name": " " * 41 + "x"}, "name"),
    ],
)
def test_a_program_says_nothing_by_null_and_not_by_an_empty_text(
    acme: Firm, collection: str, sent: dict[str, str], field: str
) -> None:
    answer = program(acme).post(f"{acme.url}/api/v1/{collection}", json=sent)

    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_what_does_not_go_together_with_the_rest_of_a_record_is_a_conflict(acme: Firm) -> None:
    shop = program(acme)
    task = shop.post(f"{acme.url}/api/v1/tasks", json={"text": "Call.", "due_on": "2027-03-01", "repeats": "daily"})

    address = f"{acme.url}/api/v1/tasks/{task.json['id']}"
    answer = shop.patch(address, json={"due_on": None}, headers={"If-Match": "*"})

    assert (answer.status_code, answer.json["code"]) == (409, "does_not_fit")
    assert answer.json["errors"] == {"due_on": ["What repeats needs a day to count from."]}


def test_an_answer_sets_no_cookie_and_is_kept_by_nobody_else(acme: Firm) -> None:
    answer = program(acme).get(f"{acme.url}/api/v1/contacts?page_size=1")

    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("contacts", {"family_name": "Berg"}, {"family_name": "Tal"}),
        ("companies", {"name": "Hafen AG"}, {"name": "Werft AG"}),
    ],
)
def test_a_customer_number_that_is_taken_is_a_conflict_and_stands_in_no_log(
    acme: Firm, capfd: pytest.CaptureFixture[str], kind: str, first: dict[str, str], second: dict[str, str]
) -> None:
    address, number = f"{acme.url}/api/v1/{kind}", {"number": "K-4711-geheim"}
    program(acme).post(address, json={**first, **number})

    answer = program(acme).post(address, json={**second, **number})

    assert (answer.status_code, answer.json["code"]) == (409, "number_taken")
    assert answer.json["title"] == "Another record has the same number by now. Please change that one first."
    assert "geheim" not in capfd.readouterr().err


def test_changing_a_number_to_one_that_is_taken_is_a_conflict(acme: Firm) -> None:
    address = f"{acme.url}/api/v1/companies"
    program(acme).post(address, json={"name": "Hafen AG", "number": "K-1"})
    other = program(acme).post(address, json={"name": "Werft AG", "number": "K-2"}).json

    etag = {"If-Match": f'"{other["version"]}"'}
    answer = program(acme).patch(f"{address}/{other['id']}", json={"number": "K-1"}, headers=etag)

    assert (answer.status_code, answer.json["code"]) == (409, "number_taken")
