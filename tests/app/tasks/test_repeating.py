from __future__ import annotations

from datetime import date

import pytest

from app.activities.models import Repeats
from app.tasks.repeating import next_day


@pytest.mark.parametrize(
    ("repeats", "days"),
    [
        (Repeats.DAILY, ["2026-12-31", "2027-01-01", "2027-01-02"]),
        (Repeats.WEEKLY, ["2026-12-28", "2027-01-04", "2027-01-11"]),
        (Repeats.MONTHLY, ["2026-11-30", "2026-12-30", "2027-01-30", "2027-02-28", "2027-03-30"]),
        (Repeats.MONTHLY, ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]),
        (Repeats.YEARLY, ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
    ],
)
def test_what_repeats_comes_back_on_the_day_that_was_chosen_or_the_months_last(
    repeats: Repeats, days: list[str]
) -> None:
    chosen, *later = [date.fromisoformat(day) for day in days]

    day, found = chosen, []
    for _ in later:
        day = next_day(day, repeats, counted_from=chosen.day)
        found.append(day)

    assert found == later
