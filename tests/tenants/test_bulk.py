from __future__ import annotations

from sqlalchemy import select, text

from tests.firms import Firm, counted_statements


def test_many_rows_are_one_statement_and_all_in_the_journal(acme: Firm) -> None:
    from app.activities.models import Activity, ActivityKind
    from tenants import bulk, clock
    from tenants.changes import Unrouted
    from tenants.db import new_id

    rows = [{"id": new_id(), "kind": ActivityKind.CALL, "at": clock.now(), "body": f"No {n}\t\\"} for n in range(500)]
    with counted_statements(acme.app) as statements, acme.work():
        bulk.insert_rows(Activity, rows)

    assert len(statements) == 1
    with acme.work() as session:
        kept = session.scalars(select(Activity).order_by(Activity.id)).all()
        assert [(one.kind, one.body, one.version) for one in kept] == [
            (ActivityKind.CALL, f"No {n}\t\\", 1) for n in range(500)
        ]
        (unrouted,) = session.scalars(select(Unrouted)).all()
        assert len(unrouted.changes) == 500
        assert session.scalar(text("SELECT count(DISTINCT record_id) FROM change")) == 500


def test_no_rows_are_no_statement(acme: Firm) -> None:
    from app.activities.models import Activity
    from tenants import bulk

    with counted_statements(acme.app) as statements, acme.work():
        bulk.insert_rows(Activity, [])

    assert statements == []
