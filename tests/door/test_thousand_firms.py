"""A house with a thousand firms: made ready, opened, examined, and still one in which somebody is told."""

from __future__ import annotations

import json
import time
from pathlib import Path

import psycopg
import pytest

from deploy.local import embedded
from tests.door.load import Person, Program
from tests.door.started import run, started

pytestmark = pytest.mark.nightly
_FIRMS = 1000
_SECONDS = 1800
_OPEN = """
UPDATE platform.tenants SET status = 'open', slug = 'firm-' || n, name = 'Firm ' || n, opened_at = now()
FROM (SELECT id AS stock_id, row_number() OVER () AS n FROM platform.tenants WHERE status = 'stock') AS stock
WHERE id = stock_id"""
_TOLD = """
SELECT count(*) FROM {}.notifications WHERE record_id = %s AND event = 'created'"""


def test_a_thousand_firms_are_examined_and_somebody_is_told(home: Path, port: int) -> None:
    made = run("kontor", "migrate", home=home, port=port, settings={"KONTOR_STOCK": str(_FIRMS)}, seconds=_SECONDS)
    assert made.returncode == 0, made.stderr
    with started(home, port) as house, psycopg.connect(_url(home), autocommit=True) as sql:
        sql.execute(_OPEN)
        listed = json.loads(run("kontor", "tenants", "list", "--json", home=home, port=port, seconds=_SECONDS).stdout)
        doctor = run("kontor", "doctor", "--json", home=home, port=port, seconds=_SECONDS)

        assert len(listed) >= _FIRMS
        assert "firm-" not in doctor.stdout, doctor.stdout
        assert _is_told(sql, _complain(home, port))
        assert Person(port).insist("GET", "/readyz").status == 200
        assert house.press_ctrl_c() == 0


def _complain(home: Path, port: int) -> str:
    """Id of what a colleague's program has entered in one of the firms."""
    made = run(
        *("kontor", "tokens", "create", "nordlicht", "--user", "tom@nordlicht.example", "--scopes", "*", "--json"),
        home=home,
        port=port,
        seconds=_SECONDS,
    )
    program = Program(port, headers={"Authorization": f"Bearer {json.loads(made.stdout)['token']}"})
    return program.create("/nordlicht/api/v1/complaints", {"what": "It leaks."})


def _is_told(sql: psycopg.Connection, complaint: str) -> bool:
    row = sql.execute("SELECT pg_schema FROM platform.tenants WHERE slug = 'nordlicht'").fetchone()
    told, deadline = _TOLD.format(row[0] if row else ""), time.monotonic() + 300
    while time.monotonic() < deadline:
        count = sql.execute(told.encode(), [complaint]).fetchone()
        if count and count[0]:
            return True
        time.sleep(0.2)
    return False


def _url(home: Path) -> str:
    return embedded.database_url(home / "postgres")
