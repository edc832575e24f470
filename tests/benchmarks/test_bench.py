"""The benchmark is fair and says what it found. How long anything takes decides nothing here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from benchmarks import data, processes, results, table
from benchmarks.drive import Block
from benchmarks.operations import Goal
from benchmarks.results import HouseCost, Line
from benchmarks.sizes import QUICK, SLUG
from config.settings import settings
from tenants import counting, engines
from tenants.counting import Count
from tests.firms import Firm
from tests.records import add_many

_ROW = re.compile(r'/contacts/([0-9a-f-]{36})" data-row[^>]*>([^<]+)<')
_CELL = re.compile(r"<td[^>]*>([^<]*)</td>")


@pytest.fixture
def stocked(acme: Firm) -> Firm:
    employers = ["Hafen & Söhne KG", "Bäckerei Weiß"]
    add_many(acme, "contact", list(data.contacts(120, employers=employers)))
    return acme


@pytest.fixture
def floor(stocked: Firm) -> Iterator[FlaskClient]:
    """A browser that is logged in at the floor, over the firm's own rows."""
    from benchmarks import filling
    from benchmarks.floor import database
    from benchmarks.floor.app import app

    filling.fill_floor(stocked.scope.pg_schema)
    client = app.test_client()
    client.get("/login")
    with client.session_transaction() as session:
        token = session["csrf"]
    client.post("/login", data={"csrf_token": token})
    yield client
    database.connection().close()
    with engines.provisioner() as connection:
        connection.execute("DROP SCHEMA floor CASCADE")


@pytest.mark.parametrize(
    "query", ["", "?q=Sch%C3%A4f", "?q=mueller", "?q=er", "?q=0170", "?q=gmx.de", "?q=anna+straß", "?q=zzqxv"]
)
def test_floor_and_product_answer_the_same_rows(stocked: Firm, floor: FlaskClient, query: str) -> None:
    product_page = stocked.client().get(f"{stocked.url}/contacts{query}").text
    floor_page = floor.get(f"/{SLUG}/contacts{query}").text

    assert _ROW.findall(product_page) == _ROW.findall(floor_page)
    # All cells but the last one: the floor says a day where the product says "just now".
    assert _without_last(_CELL.findall(product_page)) == _without_last(_CELL.findall(floor_page))


def test_floor_and_product_turn_to_the_same_second_page(stocked: Firm, floor: FlaskClient) -> None:
    pages = [
        client.get(_next(client.get(path).text)).text
        for client, path in ((stocked.client(), f"{stocked.url}/contacts"), (floor, f"/{SLUG}/contacts"))
    ]

    assert len(_ROW.findall(pages[0])) == 50
    assert _ROW.findall(pages[0]) == _ROW.findall(pages[1])


def test_pages_of_both_weigh_about_the_same(stocked: Firm, floor: FlaskClient) -> None:
    product_page = stocked.client().get(f"{stocked.url}/contacts").text
    floor_page = floor.get(f"/{SLUG}/contacts").text

    assert 0.7 < len(floor_page) / len(product_page) < 1.3


def test_the_table_names_each_goal_that_is_missed() -> None:
    drawn = table.drawn([_line(cpu=0.008, goal=Goal(ratio=3)), _line(cpu=0.002, goal=Goal(ratio=3))])

    _headings, slow, quick = drawn.splitlines()
    assert slow.endswith("> 3x")
    assert quick.endswith("ok")


def test_the_file_holds_what_it_says() -> None:
    found = results.document(QUICK, [_line(cpu=0.008, goal=Goal(ratio=3))], {}, at=datetime(2026, 11, 1, tzinfo=UTC))

    assert set(found) == {"measured_at", "size", "lines", "beside"}
    (line,) = found["lines"]
    assert line["ratio"] == 8.0
    assert line["misses"] == ["> 3x"]
    assert {"cpu_ms", "p50_ms", "p95_ms", "bytes", "noise"} <= set(line["product"])


def test_a_line_tells_the_web_server_apart_from_the_whole_house() -> None:
    line = replace(_line(cpu=0.008, goal=Goal(ratio=9)), house=HouseCost(cpu_ms=30, floor_cpu_ms=2))

    headings, drawn = table.drawn([line]).splitlines()

    assert headings.index("request: CPU ms") < headings.index("house: CPU ms")
    assert drawn.index("8.00x") < drawn.index("15.00x")
    assert line.as_data()["house"] == {"cpu_ms": 30, "floor_cpu_ms": 2, "ratio": 15}


def test_a_process_that_ended_has_spent_what_it_spent() -> None:
    before = processes.spent_seconds(os.getpid())

    subprocess.run([sys.executable, "-c", "sum(range(10_000_000))"], check=True)

    assert processes.spent_seconds(os.getpid()) - before > 0.05


def _line(*, cpu: float, goal: Goal) -> Line:
    return Line(
        operation="list",
        clients=1,
        product=results.cost_of([_block(cpu)]),
        floor=results.cost_of([_block(0.001)]),
        statements=4,
        floor_statements=2,
        goal=goal,
    )


def _block(cpu: float) -> Block:
    return Block(requests=1, web_seconds=cpu, database_seconds=0, times=[("", cpu)], sizes=[5000])


def _without_last(cells: list[str]) -> list[str]:
    return [cell for at, cell in enumerate(cells) if at % 5 != 4]


def _next(page: str) -> str:
    found = re.search(r'href="([^"]+)" rel="next"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_a_round_begins_as_if_nobody_had_knocked_before(acme: Firm) -> None:
    from benchmarks import journeys

    counting.count("requests of a program", within=timedelta(minutes=1))

    journeys.forget_limits(settings().redis_url)

    assert counting.count("requests of a program", within=timedelta(minutes=1)) == Count(1, 60)


def test_what_one_firm_asks_too_much_of_begins_and_ends(acme: Firm) -> None:
    from benchmarks import troubles

    add_many(acme, "contact", list(data.contacts(3)))
    with acme.app.app_context(), troubles.exports(acme.scope):
        assert _count(acme, "exports WHERE state = 'writing'") == 195
    with acme.app.app_context(), troubles.silent_webhook(acme.scope, "http://127.0.0.1:9/"):
        assert _count(acme, "webhooks WHERE active") == 1
    with acme.app.app_context(), troubles.unreadable_rule(acme.scope):
        assert _count(acme, "rules WHERE active") == 1
    with acme.app.app_context(), troubles.broken_schema(acme.scope), pytest.raises(ProgrammingError):
        _count(acme, "router")

    assert _count(acme, "exports WHERE state = 'writing'") == 0
    assert _count(acme, "webhooks WHERE active") == 0
    assert _count(acme, "rules") == 0
    assert _count(acme, "router") == 1


def _count(firm: Firm, of: str) -> int:
    with firm.work() as session:
        return int(session.scalar(text(f"SELECT count(*) FROM {of}")) or 0)
