"""What processes have counted that are no more stays, and their files do not heap up, whether anybody reads or not."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from tenants import tally

SERIES = ("seen by the test of sheets",)


def test_the_sheets_of_those_that_have_ended_go_without_anybody_asking(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tally.totals().get(SERIES, [0.0])[0]

    def count() -> None:
        tally.add(SERIES, (0, 1.0))

    def count_in_four_threads_that_end() -> None:
        for _ in range(4):
            thread = threading.Thread(target=count)
            thread.start()
            thread.join()

    count_in_four_threads_that_end()
    heaped = [path for path in tally._sheets() if not tally._is_written(path)]
    # As in a process that begins.
    monkeypatch.setattr(tally, "_folded_by", 0)
    monkeypatch.setattr(tally, "_mine", threading.local())
    count()
    left = [path for path in tally._sheets() if not tally._is_written(path)]

    assert len(heaped) >= 3
    assert left == []
    assert tally.totals()[SERIES][0] == before + 5
