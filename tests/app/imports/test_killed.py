from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from tests.app.imports.lists import count, draft, launch, many, stored, work_off
from tests.app.schedule.processes import process, until
from tests.firms import Firm

ROWS = 12_000


def test_a_worker_killed_in_the_middle_of_an_import_loses_and_doubles_nothing(acme: Firm, tmp_path: Path) -> None:
    import_id = draft(acme, many(ROWS))
    launch(acme, import_id)
    with process("worker", tmp_path / "log") as worker:
        until(lambda: stored(acme, import_id).done > 0)
        worker.kill()
        worker.wait()
    interrupted = stored(acme, import_id)
    assert 0 < interrupted.done < ROWS
    until(lambda: count(acme, "contacts") == interrupted.created)

    work_off(acme)

    finished = stored(acme, import_id)
    assert (finished.state, finished.done, finished.created) == ("done", ROWS, ROWS)
    assert count(acme, "contacts") == ROWS
    with acme.work() as session:
        assert session.scalar(text("SELECT count(DISTINCT family_name) FROM contacts")) == ROWS
