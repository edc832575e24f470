"""Whatever was written, in whatever way: replaying the journal of a table gives the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tenants.changes import DERIVED, Change
from tests.firms import Firm
from tests.tenants.attacks import inside
from tests.tenants.things import forget, things

WORDS = st.none() | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "ä"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
ROW = st.fixed_dictionaries(
    {
        "words": WORDS,
        "number": st.none() | st.integers(-(2**63), 2**63 - 1),
        "more": JSON,
        "raw": st.binary(max_size=4),
    }
)
STEP = st.one_of(
    st.tuples(st.just("insert"), st.lists(ROW, min_size=1, max_size=4)),
    st.tuples(st.just("update"), st.integers(0, 3), ROW),
    st.tuples(st.just("upsert"), ROW),
    st.tuples(st.just("swap"), st.none()),
    st.tuples(st.just("delete"), st.integers(0, 3)),
    st.tuples(st.just("undo"), ROW),
    st.tuples(st.just("save"), st.none()),
)


@pytest.fixture
def firm(acme: Firm) -> Iterator[Firm]:
    with things(acme):
        yield acme


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=12))
def test_replaying_the_journal_gives_the_table(firm: Firm, steps: list[tuple[Any, ...]]) -> None:
    forget(firm)

    with firm.work() as session:
        for step in steps:
            _take(session, *step)

    with inside(firm) as session:
        assert _replayed(session) == _stored(session)


def _take(session: Session, kind: str, *how: Any) -> None:
    match kind, how:
        case "insert", (rows,):
            for row in rows:
                session.execute(INSERT, _bound(row))
        case "update", (remainder, row):
            session.execute(text(UPDATE + " WHERE hashtext(id::text) & 3 = :rest"), {**_bound(row), "rest": remainder})
        case "upsert", (row,):
            session.execute(UPSERT, _bound(row))
        case "swap", _:
            session.execute(SWAP)
        case "delete", (remainder,):
            session.execute(text("DELETE FROM things WHERE hashtext(id::text) & 3 = :rest"), {"rest": remainder})
        case "undo", (row,):
            savepoint = session.begin_nested()
            session.execute(INSERT, _bound(row))
            session.execute(text(UPDATE), _bound(row))
            savepoint.rollback()
        case _:
            session.commit()


_CAST = "CAST(:words AS varchar), CAST(:number AS bigint), CAST(:more AS jsonb), CAST(:raw AS bytea)"
INSERT = text(f"INSERT INTO things (id, words, number, more, raw) SELECT gen_random_uuid(), {_CAST}")
UPDATE = f"UPDATE things SET (words, number, more, raw) = ROW ({_CAST}), version = version + 1"
UPSERT = text(
    "INSERT INTO things (id, words, number, more, raw) "
    f"SELECT coalesce(min(id::text)::uuid, gen_random_uuid()), {_CAST} "
    "FROM things ON CONFLICT (id) DO UPDATE SET words = excluded.words, more = excluded.more"
)
SWAP = text("UPDATE things t SET words = o.words FROM things o WHERE o.id <> t.id AND o.number = t.number")


def _bound(row: dict[str, Any]) -> dict[str, Any]:
    import json

    return {**row, "more": json.dumps(row["more"])}


def _replayed(session: Session) -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    for change in session.scalars(select(Change).where(Change.table_name == "things").order_by(Change.at, Change.ord)):
        key = str(change.record_id)
        match change.op:
            case "I":
                assert key not in table
                table[key] = dict(change.new or {})
            case "U":
                assert {name: table[key].get(name) for name in change.old or {}} == change.old
                table[key].update(change.new or {})
            case "D":
                assert _without_empty(table.pop(key)) == change.old
    return {key: _without_empty(row) for key, row in table.items()}


def _stored(session: Session) -> dict[str, dict[str, Any]]:
    rows = session.execute(text("SELECT id::text, to_jsonb(t) FROM things t"))
    return {
        key: _without_empty({name: value for name, value in row.items() if name not in DERIVED}) for key, row in rows
    }


def _without_empty(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}
