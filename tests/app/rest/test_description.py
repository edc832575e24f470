"""What the description promises: whatever it allows is answered as it says, and what it does not allow is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from functools import cache
from itertools import count
from typing import Any, TypeGuard

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.generation.overrides import Override

from app.core.fields import clean
from app.core.moments import YEARS
from tests.firms import Firm, Visitor
from tests.house import samples
from tests.house.routes import Route, rooms
from tests.programs import program
from tests.records import add_company, add_contact

FOR_PROGRAMS = [route for route in rooms() if route.by_token]
UNUSED = map(str, count())
CALM = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
CHECKS = {
    # What depends on what is there: a record that has gone meanwhile, a number that is taken, an older version.
    "positive_data_acceptance": ["2xx", "304", "401", "403", "404", "409", "412"],
    "negative_data_rejection": ["4xx"],
    "missing_required_header": ["401", "422", "428"],
}


def formats() -> None:
    """As people have them: those of the library lie in any year, and e-mails are such as no server takes."""
    first, last = YEARS[0], YEARS[-1]
    days = st.dates().map(lambda day: day.replace(year=first + day.year % (last - first), day=min(day.day, 28)))
    schemathesis.openapi.format("date", days.map(str))
    moments = st.tuples(days, st.times(timezones=st.just(UTC)))
    schemathesis.openapi.format("date-time", moments.map(lambda one: f"{one[0]}T{one[1].isoformat()}"))
    schemathesis.openapi.format("time", st.times().map(lambda time: time.isoformat("minutes")))
    schemathesis.openapi.format("email", st.from_regex(r"\A[a-z]{1,9}@[a-z]{1,9}\.example\Z"))


formats()


@cache
def described(app: Flask, base: str) -> Any:
    told = Visitor(app).get("/api/v1/openapi.json").json
    schema = schemathesis.openapi.from_dict({**told, "servers": [{"url": base}]})
    schema.app = app
    for name, statuses in CHECKS.items():
        getattr(schema.config.checks, name).expected_statuses = statuses
    return schema


def operation(firm: Firm, route: Route) -> Any:
    path = re.sub(r"<uuid:(\w+)>", r"{\1}", route.rule.removeprefix("/<slug:slug>/api/v1"))
    return described(firm.app, f"{firm.url}/api/v1")[path][route.method]


def there(firm: Firm) -> Mapping[str, str]:
    """Records that a body can name: of one that is not there a description cannot tell."""
    contact, company = str(add_contact(firm)), str(add_company(firm))
    return {"contact_id": contact, "company_id": company, "assignee_id": str(firm.owner_id), "contact": contact}


def naming(case: Any, known: Mapping[str, str]) -> None:
    """What is allowed names what is there, and has a key of its own; no cursor is known beforehand. A text of blanks
    and control characters alone is replaced: JSON Schema cannot say that it says nothing.
    """
    if case.meta.generation.mode.is_negative:
        return
    case.query.pop("cursor", None)
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = next(UNUSED)
    if isinstance(case.body, dict):
        for part in (case.body, *(case.body.get("points") or ())):
            part |= {name: value if clean(value) else "0" for name, value in part.items() if _is_text(value)}
        case.body |= {name: known[name] for name, value in case.body.items() if value and name in known}
        for ref in case.body.get("about", ()):
            ref |= {"type": "contact", "id": known["contact"]}


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value != ""


def keeps_its_promise(
    firm: Firm, route: Route, *, modes: Sequence[HypothesisTestMode], most: int
) -> Callable[[], None]:
    """Held against all checks: so many cases by chance, of what is allowed and of what is not."""
    record = {name: str(value) for name, value in samples.arguments(route, firm).items()}
    headers = {"Authorization": f"Bearer {program(firm).token}", "Accept-Encoding": "identity"}
    known, asked = there(firm), operation(firm, route)

    def promise(case: Any) -> None:
        naming(case, known)
        case.validate_response(case.call(headers=headers), headers=headers, transport_kwargs={"headers": headers})

    config = HypothesisTestConfig(
        project=asked.schema.config,
        modes=list(modes),
        settings=settings(CALM, max_examples=most),
        override=Override(path_parameters=record),
    )
    tried: Callable[[], None] = create_test(operation=asked, test_func=promise, config=config)
    return tried


@pytest.fixture(autouse=True)
def _without_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.rest.allowance.MOST", 1_000_000)


@pytest.mark.parametrize("route", FOR_PROGRAMS, ids=str)
def test_what_the_description_allows_is_answered_as_it_says_and_all_else_refused(acme: Firm, route: Route) -> None:
    modes = (HypothesisTestMode.EXAMPLES, HypothesisTestMode.FUZZING)
    keeps_its_promise(acme, route, modes=modes, most=6)()


@pytest.mark.nightly
@pytest.mark.parametrize("route", FOR_PROGRAMS, ids=str)
def test_at_each_edge_of_the_description_it_is_answered_as_it_says(acme: Firm, route: Route) -> None:
    """Each shortest, longest, missing and superfluous part: several seconds of computing for an address."""
    keeps_its_promise(acme, route, modes=tuple(HypothesisTestMode), most=50)()
