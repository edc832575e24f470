"""The journal says what happened, who did it and why; a tenant can neither write, change nor silence it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from app.companies.models import Company
from tenants.changes import Change, Unrouted
from tenants.context import Actor, Origin, tenant_scope
from tenants.cursor import StatementRefused
from tenants.db import unit_of_work
from tests.firms import Firm
from tests.tenants.attacks import add_company, attempt, attempt_past_the_cursor, inside
from tests.tenants.things import things

FORGERIES = [
    "INSERT INTO change SELECT * FROM change",
    "INSERT INTO change (id, at, ord, xid, table_name, record_id, op) "
    "VALUES (gen_random_uuid(), now(), 1, 1, 'companies', gen_random_uuid(), 'I')",
    "UPDATE change SET actor = NULL",
    "DELETE FROM change",
    "WITH x AS (DELETE FROM change RETURNING *) SELECT * FROM x",
    "SELECT * FROM change FOR UPDATE",
    "TRUNCATE change",
    "INSERT INTO unrouted VALUES (gen_random_uuid(), now(), '{}')",
    "UPDATE unrouted SET changes = '{}'",
    "TRUNCATE unrouted",
    "TRUNCATE companies CASCADE",
    "ALTER TABLE companies DISABLE TRIGGER ALL",
    "ALTER TABLE companies DISABLE TRIGGER record_update",
    "DROP TRIGGER record_update ON companies",
    "ALTER TABLE change RENAME TO other",
    "ALTER TABLE change ADD CHECK (false)",
    "CREATE RULE silent AS ON INSERT TO change DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION record_update() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "ALTER FUNCTION record_update() SECURITY INVOKER",
    "SET session_replication_role = replica",
    "SET LOCAL session_replication_role = replica",
    "SET ROLE kontor_owner",
]


@pytest.mark.parametrize("statement", FORGERIES)
def test_the_role_alone_stops_every_forgery(acme: Firm, statement: str) -> None:
    add_company(acme, "Acme's own")

    with pytest.raises(psycopg.Error, match=r"permission denied|must be owner"):
        attempt_past_the_cursor(acme, statement)

    assert [change.op for change in journal(acme)] == ["I"]


def test_the_role_can_grant_itself_nothing(acme: Firm) -> None:
    attempt_past_the_cursor(acme, "GRANT INSERT ON change TO CURRENT_USER")

    with pytest.raises(psycopg.Error, match="permission denied"):
        attempt_past_the_cursor(acme, FORGERIES[0])


@pytest.mark.parametrize(
    "statement",
    [
        "SET app.actor = '00000000-0000-0000-0000-000000000000'",
        "SET LOCAL app.source = 'web'",
        "RESET app.actor",
        "--\rSET app.actor = 'x' /*\nSELECT 1 */",
    ],
)
def test_nobody_acts_in_anothers_name(acme: Firm, statement: str) -> None:
    with pytest.raises(StatementRefused):
        attempt(acme, statement)
    with pytest.raises(ProgrammingError, match="permission denied"):
        attempt(acme, "SELECT set_config('app.actor', '00000000-0000-0000-0000-000000000000', true)")


def test_negative_control_past_the_cursor_the_actor_can_be_forged(acme: Firm) -> None:
    """Why the cursor refuses SET: a setting of one's own is no privilege in PostgreSQL."""
    forged = uuid4()
    statement = f"SET LOCAL app.actor = '{forged}'; SELECT current_setting('app.actor')"

    assert attempt_past_the_cursor(acme, statement) == [(str(forged),)]


def test_a_change_says_who_why_and_in_which_transaction(acme: Firm) -> None:
    actor = Actor(user_id=acme.owner_id)
    origin = Origin(source="job", request="r1", cause="c1", depth=3)

    with (
        acme.app.app_context(),
        tenant_scope(acme.scope, actor=actor, origin=origin),
        unit_of_work() as session,
    ):
        session.add(company("One"))
        session.flush()
        session.add(company("Two"))

    one, two = journal(acme)
    assert (one.actor, one.source, one.request, one.cause, one.depth) == (acme.owner_id, "job", "r1", "c1", 3)
    assert one.xid == two.xid
    assert (one.table_name, one.op, one.old) == ("companies", "I", None)


def test_kontor_itself_has_no_user(acme: Firm) -> None:
    with acme.app.app_context(), tenant_scope(acme.scope), unit_of_work() as session:
        session.add(company("One"))

    assert [(change.actor, change.request, change.source) for change in journal(acme)] == [(None, None, "command")]


def test_an_update_names_only_what_differs(acme: Firm) -> None:
    company_id = add_company(acme, "Before")

    with acme.work() as session:
        found = session.get_one(Company, company_id)
        found.name, found.sort_key, found.search_text = "After", "after", "after"

    changed = journal(acme)[-1]
    assert (changed.op, changed.old, changed.new) == ("U", {"name": "Before"}, {"name": "After"})


def test_columns_that_follow_from_others_are_no_change(acme: Firm) -> None:
    company_id = add_company(acme, "Same")

    with acme.work() as session:
        session.execute(text("UPDATE companies SET version = 9, updated_at = now(), sort_key = 'x', search_text = 'x'"))
        session.execute(text("UPDATE companies SET name = name"))
        session.execute(text("UPDATE companies SET name = 'nobody' WHERE false"))

    assert [(change.op, change.record_id) for change in journal(acme)] == [("I", company_id)]
    assert set(journal(acme)[0].new or {}) == {"id", "created_at", "name"}


def test_a_value_that_becomes_empty_is_a_difference(acme: Firm) -> None:
    company_id = add_company(acme, "Same")

    with acme.work() as session:
        session.execute(text("UPDATE companies SET industry = 'Steel'"))
        session.execute(text("UPDATE companies SET industry = NULL"))

    changes = [(change.old, change.new) for change in journal(acme) if change.op == "U"]
    assert changes == [
        ({"industry": None}, {"industry": "Steel"}),
        ({"industry": "Steel"}, {"industry": None}),
    ]
    assert {change.record_id for change in journal(acme)} == {company_id}


def test_what_was_deleted_can_be_read_from_the_journal(acme: Firm) -> None:
    company_id = add_company(acme, "Gone")

    with acme.work() as session:
        session.execute(text("DELETE FROM companies"))

    gone = journal(acme)[-1]
    assert (gone.op, gone.record_id, gone.new) == ("D", company_id, None)
    assert (gone.old or {})["name"] == "Gone"


def test_changes_of_a_transaction_have_their_order(acme: Firm) -> None:
    with acme.work() as session:
        session.execute(text(MANY), {"count": 50})
        session.execute(text("UPDATE companies SET name = name || '!'"))
        session.execute(text("DELETE FROM companies"))

    ordered = journal(acme)
    assert "".join(change.op for change in ordered) == "I" * 50 + "U" * 50 + "D" * 50
    assert len({(change.at, change.ord) for change in ordered}) == 150


def test_the_id_of_a_row_never_changes(acme: Firm) -> None:
    """A row under another id would be a delete and an insert that no journal saw."""
    add_company(acme, "One")
    add_company(acme, "Two")

    with pytest.raises(IntegrityError, match="id of a row never changes"), acme.work() as session:
        session.execute(text("UPDATE companies SET id = gen_random_uuid() WHERE name = 'One'"))


def test_whoever_routes_may_take_what_is_unrouted_and_only_that(acme: Firm) -> None:
    add_company(acme, "One")

    with acme.work() as session:
        taken = session.execute(text("DELETE FROM unrouted RETURNING changes")).one()

    assert taken.changes == [change.id for change in journal(acme)]


def test_every_change_is_named_unrouted_exactly_once(acme: Firm) -> None:
    add_company(acme, "One")
    with acme.work() as session:
        session.execute(text(MANY), {"count": 30})
        session.execute(text("UPDATE companies SET name = name || '!'"))
    with acme.work() as session:
        session.execute(text("UPDATE companies SET name = name"))
        session.execute(text("DELETE FROM companies"))

    with inside(acme) as session:
        named = [change_id for row in session.scalars(select(Unrouted)) for change_id in row.changes]
    assert len(named) == len(set(named)) == 1 + 30 + 31 + 31
    assert set(named) == {change.id for change in journal(acme)}


def test_fifty_thousand_rows_change_in_one_statement(acme: Firm) -> None:
    with acme.work() as session:
        # The session's first change is a small one, and PostgreSQL keeps the plan that it made for it.
        session.execute(text(MANY), {"count": 1})
        session.execute(text("UPDATE companies SET name = name || '?'"))
        session.execute(text("DELETE FROM companies"))
    with acme.work() as session:
        session.execute(text(MANY), {"count": 50_000})
        session.execute(text("UPDATE companies SET name = name || '!'"))
        session.execute(text("DELETE FROM unrouted"))

    with inside(acme) as session:
        counted = session.execute(text("SELECT op, count(*) FROM change GROUP BY op ORDER BY op")).all()
    assert [tuple(row) for row in counted] == [("D", 1), ("I", 50_001), ("U", 50_001)]


def test_json_is_kept_as_it_was_stored(acme: Firm) -> None:
    with things(acme), acme.work() as session:
        session.execute(
            text("""INSERT INTO things (id, more) VALUES (gen_random_uuid(), '{"a": null, "b": [null]}')""")
        )
        session.commit()

        assert session.scalars(select(Change)).one().new["more"] == {"a": None, "b": [None]}  # type: ignore[index]


MANY = """
INSERT INTO companies (id, created_at, updated_at, version, name, sort_key, search_text)
SELECT gen_random_uuid(), now(), now(), 1, 'Company ' || n, n, n FROM generate_series(1, :count) n"""


def company(name: str) -> Company:
    return Company(name=name, sort_key=name, search_text=name)


def journal(firm: Firm) -> list[Change]:
    with inside(firm) as session:
        return list(session.scalars(select(Change).order_by(Change.at, Change.ord)))


class TestEveryWayOfWriting:
    """Each leaves exactly one change for each row that it touched."""

    @pytest.fixture(autouse=True)
    def _things(self, acme: Firm) -> Iterator[None]:
        with things(acme):
            yield

    def recorded(self, firm: Firm, *tables: str) -> list[str]:
        return [change.op for change in journal(firm) if change.table_name in (tables or ("things",))]

    def _some(self, session: Session, *numbers: int) -> list[UUID]:
        statement = text("INSERT INTO things (id, number) VALUES (gen_random_uuid(), :number) RETURNING id")
        return [session.execute(statement, {"number": number}).scalar_one() for number in numbers]

    def test_objects_of_the_session(self, acme: Firm) -> None:
        with acme.work() as session:
            one = company("One")
            session.add_all([one, company("Two")])
            session.flush()
            one.name = "Changed"
            session.flush()
            session.delete(one)

        assert self.recorded(acme, "companies") == ["I", "I", "U", "D"]

    def test_a_bulk_insert(self, acme: Firm) -> None:
        with acme.work() as session:
            session.execute(
                Company.__table__.insert(),
                [{"name": f"{n}", "sort_key": "x", "search_text": "x", "version": 1} for n in range(500)],
            )

        assert self.recorded(acme, "companies") == ["I"] * 500

    def test_an_insert_that_meets_an_existing_row(self, acme: Firm) -> None:
        with acme.work() as session:
            (first,) = self._some(session, 1)
            session.execute(
                text(
                    "INSERT INTO things (id, number) VALUES (:first, 2), (gen_random_uuid(), 3) "
                    "ON CONFLICT (id) DO UPDATE SET number = excluded.number"
                ),
                {"first": first},
            )
            session.execute(
                text("INSERT INTO things (id, number) VALUES (:first, 4) ON CONFLICT DO NOTHING"),
                {"first": first},
            )

        assert sorted(self.recorded(acme)) == ["I", "I", "U"]

    def test_an_update_from_another_table(self, acme: Firm) -> None:
        with acme.work() as session:
            self._some(session, 1, 2, 3)
            session.execute(
                text("UPDATE things t SET words = v.w FROM (VALUES (1, 'a'), (2, 'b')) v (n, w) WHERE v.n = t.number")
            )

        assert self.recorded(acme) == ["I", "I", "I", "U", "U"]

    def test_writing_inside_a_with(self, acme: Firm) -> None:
        with acme.work() as session:
            self._some(session, 1, 2)
            session.execute(
                text(
                    "WITH gone AS (DELETE FROM things WHERE number = 1 RETURNING id), "
                    "new AS (INSERT INTO things (id, number) VALUES (gen_random_uuid(), 3) RETURNING id) "
                    "UPDATE things SET number = 4 WHERE number = 2"
                )
            )

        assert sorted(self.recorded(acme)) == ["D", "I", "I", "I", "U"]

    def test_a_merge(self, acme: Firm) -> None:
        with acme.work() as session:
            self._some(session, 1, 2)
        merge = """
            MERGE INTO things t USING (VALUES (1, 'u'), (2, 'd'), (3, 'i')) v (n, w) ON v.n = t.number
            WHEN MATCHED AND v.w = 'd' THEN DELETE
            WHEN MATCHED THEN UPDATE SET words = v.w
            WHEN NOT MATCHED THEN INSERT (id, number) VALUES (gen_random_uuid(), v.n)"""
        attempt_past_the_cursor(acme, merge + "; COMMIT")

        assert sorted(self.recorded(acme)[2:]) == ["D", "I", "U"]

    def test_a_copy(self, acme: Firm) -> None:
        with acme.work() as session:
            cursor = session.connection().connection.cursor()
            with cursor.copy("COPY things (id, number) FROM STDIN") as copy:  # type: ignore[attr-defined]
                for number in range(200):
                    copy.write_row((uuid4(), number))
            cursor.close()

        assert self.recorded(acme) == ["I"] * 200

    def test_a_cascade(self, acme: Firm) -> None:
        with acme.work() as session:
            parent = session.scalar(text("INSERT INTO parents (id) VALUES (gen_random_uuid()) RETURNING id"))
            self._some(session, 1, 2, 3)
            session.execute(text("UPDATE things SET parent_id = :parent WHERE number > 1"), {"parent": parent})
            session.execute(text("DELETE FROM parents"))

        assert self.recorded(acme, "parents") == ["I", "D"]
        assert self.recorded(acme) == ["I", "I", "I", "U", "U", "D", "D"]

    def test_a_savepoint_rolled_back_leaves_nothing(self, acme: Firm) -> None:
        with acme.work() as session:
            self._some(session, 1)
            undone = session.begin_nested()
            self._some(session, 2, 3)
            session.execute(text("UPDATE things SET number = 9"))
            undone.rollback()
            kept = session.begin_nested()
            self._some(session, 4)
            kept.commit()

        assert self.recorded(acme) == ["I", "I"]

    def test_a_transaction_that_fails_leaves_nothing(self, acme: Firm) -> None:
        with pytest.raises(DBAPIError), acme.work() as session:
            self._some(session, 1)
            session.execute(text("SELECT 1/0"))

        assert self.recorded(acme) == []
