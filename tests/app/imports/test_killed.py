from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from tenants import lost_hints
from tests.app.imports.lists import count, draft, launch, many, stored, work_off
from tests.app.schedule.processes import process, until
from tests.app.selection.selecting import act
from tests.firms import Firm

ROWS, FEWER = 6_000, 3_000


def kill_a_worker_when(log: Path, begun: Callable[[], object]) -> None:
    with process("worker", log) as worker:
        until(begun)
        worker.kill()
        worker.wait()


def pending(firm: Firm) -> int:
    return count(firm, "jobs WHERE state = 'pending'")


def swept(firm: Firm) -> bool:
    """Nothing is pending any more; what the dead worker could not tell of, the sweep tells, as the scheduler does."""
    with firm.app.app_context():
        lost_hints.sweep()
    return pending(firm) == 0


def gone(firm: Firm) -> int:
    return count(firm, "contacts WHERE deleted_at IS NOT NULL")


def numbers(firm: Firm) -> int:
    """How many contacts can be called by which the second list knows."""
    live = "normalised LIKE '49302%' AND deleted_at IS NULL AND contact_id IS NOT NULL"
    with firm.work() as session:
        return int(session.scalar(text(f"SELECT count(DISTINCT contact_id) FROM contact_points WHERE {live}")) or 0)


def begin_to_overwrite(firm: Firm) -> UUID:
    import_id = draft(firm, many(FEWER).replace("030 / 1", "030 / 2"))
    sent = {"column": stored(firm, import_id).mapping, "way": "overwrite"}
    firm.client().post(f"{firm.url}/imports/{import_id}/start", data=sent)
    return import_id


def test_a_worker_killed_in_the_middle_of_an_import_loses_and_doubles_nothing(acme: Firm, tmp_path: Path) -> None:
    import_id = draft(acme, many(ROWS))
    launch(acme, import_id)
    kill_a_worker_when(tmp_path / "log", lambda: stored(acme, import_id).done > 0)
    interrupted = stored(acme, import_id)
    assert 0 < interrupted.done < ROWS
    until(lambda: count(acme, "contacts") == interrupted.created)

    work_off(acme)

    finished = stored(acme, import_id)
    assert (finished.state, finished.done, finished.created) == ("done", ROWS, ROWS)
    assert count(acme, "contacts") == ROWS
    with acme.work() as session:
        assert session.scalar(text("SELECT count(DISTINCT family_name) FROM contacts")) == ROWS


@pytest.mark.timeout(180)
def test_a_worker_killed_in_the_middle_of_changes_and_of_undoing_them_leaves_no_half(
    acme: Firm, tmp_path: Path
) -> None:
    launch(acme, draft(acme, many(FEWER)))
    work_off(acme)
    import_id = begin_to_overwrite(acme)
    kill_a_worker_when(tmp_path / "changing", lambda: stored(acme, import_id).done > 0)
    assert 0 < stored(acme, import_id).done < FEWER
    until(lambda: numbers(acme) == stored(acme, import_id).updated)
    work_off(acme)
    one = stored(acme, import_id)
    assert (one.state, one.updated, one.created, numbers(acme)) == ("done", FEWER, 0, FEWER)

    acme.client().post(f"{acme.url}/imports/{import_id}/undo")
    kill_a_worker_when(tmp_path / "undoing", lambda: stored(acme, import_id).undone > 0)
    assert 0 < stored(acme, import_id).undone < FEWER
    until(lambda: numbers(acme) == FEWER - stored(acme, import_id).undone)
    work_off(acme)

    one = stored(acme, import_id)
    assert (one.undone, one.left_alone, numbers(acme)) == (FEWER, 0, 0)
    assert count(acme, "contact_points WHERE deleted_at IS NULL") == 3 * FEWER


def test_cancelled_after_its_worker_was_killed_an_import_is_exactly_what_it_says(acme: Firm, tmp_path: Path) -> None:
    import_id = draft(acme, many(ROWS))
    launch(acme, import_id)
    kill_a_worker_when(tmp_path / "log", lambda: stored(acme, import_id).done > 0)

    assert acme.client().post(f"{acme.url}/imports/{import_id}/cancel").status_code == 303
    with process("worker", tmp_path / "second"):
        until(lambda: swept(acme))

    one = stored(acme, import_id)
    assert (one.state, one.created) == ("cancelled", one.done)
    assert 0 < one.done < ROWS
    assert count(acme, "contacts") == one.created
    acme.client().post(f"{acme.url}/imports/{import_id}/undo")
    work_off(acme)
    assert count(acme, "contacts WHERE deleted_at IS NULL") == 0


def test_cancelled_while_a_worker_is_busy_with_it_an_import_ends_with_the_chunk(acme: Firm, tmp_path: Path) -> None:
    import_id = draft(acme, many(ROWS))
    launch(acme, import_id)

    with process("worker", tmp_path / "log"):
        until(lambda: stored(acme, import_id).done > 0)
        assert acme.client().post(f"{acme.url}/imports/{import_id}/cancel").status_code == 303
        done = stored(acme, import_id).done
        until(lambda: pending(acme) == 0)

    assert stored(acme, import_id).done == done < ROWS
    assert count(acme, "contacts") == done


def test_a_bulk_change_whose_worker_was_killed_is_cancelled_and_undone(acme: Firm, tmp_path: Path) -> None:
    launch(acme, draft(acme, many(FEWER)))
    work_off(acme)
    change_id = act(acme, "selection.delete", [], all="1")
    kill_a_worker_when(tmp_path / "log", lambda: gone(acme) > 0)
    reached = gone(acme)

    acme.client().post(f"{acme.url}/selection/{change_id}/cancel")
    work_off(acme)

    assert 0 < reached <= gone(acme) < FEWER
    acme.client().post(f"{acme.url}/selection/{change_id}/undo")
    work_off(acme)
    assert gone(acme) == 0
