from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import ARRAY, Boolean, Date, DateTime, Integer, Numeric, String, Uuid, cast, func, literal, select
from sqlalchemy.types import TypeEngine

from app.core import conditions, criteria, holding
from app.core.conditions import OPERATORS, WITHOUT_VALUE, Condition, Kind, Operator, Test, UnreadableCondition
from app.core.criteria import Criterion
from tenants.db import db
from tests.firms import Firm

HERE = datetime(2026, 3, 29, 14, 20, tzinfo=ZoneInfo("Europe/Berlin"))
"""On this day the clocks in Berlin jump."""

WORDS = ["", "Bau", "bau", "Hochbau GmbH", "Straße", "STRASSE", "50 %", "a_b", "axb", "Ärzte", "ärzte", "İz", "ΣΑΣ"]
IDS = ["0196f0c0-0000-7000-8000-000000000001", "0196f0c0-0000-7000-8000-000000000002"]
DAYS = [HERE.date() + timedelta(days=days) for days in (-400, -8, -7, -1, 0, 1, 7, 8)]
MOMENTS = [
    datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) for day in DAYS for hour, minute in
    ((0, 0), (21, 59), (22, 0), (22, 59), (23, 0), (23, 59))
]  # fmt: skip
NUMBERS: list[int | float] = [-2, -1, 0, 1, 2, 100]

FIELDS: Mapping[str, tuple[Kind, TypeEngine[Any], list[Any]]] = {
    "name": (Kind.TEXT, String(), WORDS),
    "born": (Kind.DAY, Date(), DAYS),
    "seen": (Kind.DAY, DateTime(timezone=True), MOMENTS),
    "staff": (Kind.NUMBER, Integer(), NUMBERS),
    "worth": (Kind.NUMBER, Numeric(), [*NUMBERS, 1.5]),
    "state": (Kind.CHOICE, String(), ["open", "done", ""]),
    "owner": (Kind.CHOICE, Uuid(), IDS),
    "paid": (Kind.YES_NO, Boolean(), [True, False]),
}
ASKED = {name: Criterion(name=name, label=name, kind=kind) for name, (kind, _, _) in FIELDS.items()} | {
    "mails": Criterion(name="mails", label="mails", several=lambda model: select(model.mails))
}
RECORDS = st.fixed_dictionaries(
    {
        **{name: st.none() | st.sampled_from(known) for name, (_, _, known) in FIELDS.items()},
        "mails": st.lists(st.sampled_from(WORDS), max_size=3),
    }
)
WANTED: Mapping[Kind, st.SearchStrategy[str]] = {
    Kind.TEXT: st.sampled_from([word for word in WORDS if word]) | st.text("abBAäÄ%_\\ß", min_size=1, max_size=3),
    Kind.DAY: st.sampled_from([day.isoformat() for day in DAYS]),
    Kind.NUMBER: st.sampled_from(["-1", "0", "1", "1,5", "1.5", "2"]),
    Kind.CHOICE: st.sampled_from(["open", "done", "lost", *IDS]),
}


@st.composite
def lines(draw: st.DrawFn) -> Test:
    name = draw(st.sampled_from(sorted(ASKED)))
    kind = ASKED[name].kind
    operator = draw(st.sampled_from(OPERATORS[kind]))
    if operator in WITHOUT_VALUE:
        return Test(name, operator)
    if operator in conditions.WITH_DAYS:
        return Test(name, operator, (draw(st.sampled_from(["0", "1", "7", "400"])),))
    if operator in conditions.WITH_CHOICES:
        return Test(name, operator, tuple(draw(st.lists(WANTED[kind], min_size=1, max_size=3))))
    return Test(name, operator, (draw(WANTED[kind]),))


CONDITIONS = st.lists(st.lists(lines(), min_size=1, max_size=3).map(tuple), max_size=3).map(
    lambda groups: Condition(tuple(groups))
)


def asked_in_sql(condition: Condition, record: Mapping[str, Any]) -> bool:
    columns: dict[str, Any] = {name: cast(record[name], type_) for name, (_, type_, _) in FIELDS.items()}
    columns["mails"] = func.unnest(literal(record["mails"], ARRAY(String)), type_=String).column_valued("mail")
    return bool(db.session.scalar(select(criteria.met(condition, ASKED, SimpleNamespace(**columns), here=HERE))))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(condition=CONDITIONS, record=RECORDS)
def test_the_database_and_the_memory_agree_on_what_holds(
    acme: Firm, condition: Condition, record: Mapping[str, Any]
) -> None:
    with acme.work():
        assert asked_in_sql(condition, record) == holding.holds(condition, record, here=HERE)


@given(condition=CONDITIONS, record=RECORDS)
def test_what_the_journal_knows_as_text_is_judged_like_the_record_itself(
    condition: Condition, record: Mapping[str, Any]
) -> None:
    journal = {k: v.isoformat() if isinstance(v, date | datetime) else v for k, v in record.items()}

    assert holding.holds(condition, journal, here=HERE) == holding.holds(condition, record, here=HERE)


@given(CONDITIONS)
def test_a_condition_is_the_same_after_it_was_written_down(condition: Condition) -> None:
    kept = conditions.parse(conditions.dump(condition))

    assert conditions.parse(conditions.written(kept) or '{"all":[]}') == kept
    assert len(kept.tests()) == len(condition.tests())


def test_all_groups_must_hold_and_of_each_at_least_one_line() -> None:
    condition = conditions.parse(
        '{"all": [{"any": [{"field": "city", "op": "is", "value": "Kiel"}, {"field": "city", "op": "is",'
        ' "value": "Husum"}]}, {"field": "industry", "op": "contains", "value": "bau"}]}'
    )

    assert holding.holds(condition, {"city": "husum", "industry": "Hochbau"}, here=HERE)
    assert not holding.holds(condition, {"city": "Bremen", "industry": "Hochbau"}, here=HERE)
    assert not holding.holds(condition, {"city": "Kiel", "industry": None}, here=HERE)


def test_a_moment_lies_on_the_day_that_it_is_where_the_firm_is() -> None:
    late = {"due": "2026-03-29T22:30:00+00:00"}

    assert holding.holds(Condition(((Test("due", Operator.ON, ("2026-03-30",)),),)), late, here=HERE)
    assert not holding.holds(Condition(((Test("due", Operator.ON, ("2026-03-29",)),),)), late, here=HERE)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "[",
        "7",
        "[" * 3000,
        '{"all": 7}',
        '{"all": [{"all": []}]}',
        '{"field": "city", "op": "is"}',
        '{"field": "city", "op": "is", "value": "  "}',
        '{"field": "city", "op": "is", "value": {"a": 1}}',
        '{"field": "city", "op": "like", "value": "x"}',
        '{"field": "city", "op": "is", "value": "x", "more": 1}',
        '{"field": 7, "op": "is", "value": "x"}',
        '{"field": "due", "op": "on", "value": "31.12.2026"}',
        '{"field": "due", "op": "on", "value": "20261231"}',
        '{"field": "due", "op": "last_days", "value": "-1"}',
        '{"field": "due", "op": "last_days", "value": "99999999999"}',
        '{"field": "staff", "op": "more", "value": "NaN"}',
        '{"field": "staff", "op": "more", "value": "1e999999"}',
        '{"field": "city", "op": "is", "value": "' + "x" * 201 + '"}',
        '{"all": [' + ",".join(['{"field": "city", "op": "filled"}'] * 21) + "]}",
        '{"field": "state", "op": "one_of", "value": [' + ",".join(['"x"'] * 101) + "]}",
        '{"field": "city", "op": "is", "value": "' + "x" * 9000 + '"}',
    ],
)
def test_what_makes_no_sense_is_refused_rather_than_guessed(written: str) -> None:
    with pytest.raises(UnreadableCondition):
        conditions.parse(written)


def test_what_a_kind_of_record_does_not_have_cannot_be_asked() -> None:
    asked = {"state": Criterion(name="state", label="State", kind=Kind.CHOICE, options=(("open", "Open"),))}

    for unknown in (
        Test("city", Operator.FILLED),
        Test("state", Operator.CONTAINS, ("o",)),
        Test("state", Operator.ONE_OF, ("lost",)),
    ):
        with pytest.raises(UnreadableCondition):
            criteria.check(Condition(((unknown,),)), asked)
    criteria.check(Condition(((Test("state", Operator.ONE_OF, ("open",)),),)), asked)
