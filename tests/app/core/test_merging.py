"""Two people change one record: nobody's change is lost without a word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.core.merging import merge

NAMES = st.sampled_from("abcd")
RECORD = st.dictionaries(NAMES, st.sampled_from(["", "x", "y", "z"]))


def test_what_only_one_touched_is_as_that_one_left_it() -> None:
    merged = merge(seen={"a": "1", "b": "1"}, entered={"a": "2", "b": "1"}, saved={"a": "1", "b": "3"})

    assert merged.values == {"a": "2", "b": "3"}
    assert merged.disputed == {}


def test_what_both_changed_is_disputed() -> None:
    merged = merge(seen={"a": "1"}, entered={"a": "2"}, saved={"a": "3"})

    assert merged.values == {"a": "2"}
    assert merged.disputed == {"a": "3"}


def test_what_the_other_added_stays_and_what_was_taken_away_untouched_goes() -> None:
    merged = merge(seen={"a": "1", "b": "1"}, entered={"a": "1", "b": "1"}, saved={"b": "1", "new": "1"})

    assert merged.values == {"b": "1", "new": "1"}


def test_what_one_took_away_and_the_other_changed_stays() -> None:
    assert merge(seen={"a": "1"}, entered={}, saved={"a": "2"}).values == {"a": "2"}
    assert merge(seen={"a": "1"}, entered={"a": "2"}, saved={}).values == {"a": "2"}


def test_without_knowing_what_was_seen_every_difference_is_disputed() -> None:
    assert merge(seen={}, entered={"a": "2"}, saved={"a": "3"}).disputed == {"a": "3"}


@given(RECORD, RECORD, RECORD)
def test_every_change_is_in_the_result_or_disputed(
    seen: dict[str, str], entered: dict[str, str], saved: dict[str, str]
) -> None:
    merged = merge(seen=seen, entered=entered, saved=saved)

    for name in {*seen, *entered, *saved}:
        mine, theirs = entered.get(name), saved.get(name)
        if theirs != seen.get(name) and theirs is not None:
            assert merged.values.get(name) == theirs or merged.disputed.get(name) == theirs
        if mine != seen.get(name) and mine is not None:
            assert merged.values.get(name) == mine
    assert set(merged.values) <= {*entered, *saved}


@given(RECORD, RECORD)
def test_alone_one_gets_what_was_entered(seen: dict[str, str], entered: dict[str, str]) -> None:
    merged = merge(seen=seen, entered=entered, saved=seen)

    assert merged.values == entered
    assert merged.disputed == {}
