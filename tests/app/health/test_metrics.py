from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis

from tests.firms import Firm, counted_statements, ring
from tests.tenants.test_jobs import note
from tests.waiting import keep_waiting, rid_of_what_others_left

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "only Prometheus knows"


@pytest.fixture(autouse=True)
def _token(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.health import views
    from config.settings import settings

    told = replace(settings(), metrics_token=TOKEN)
    monkeypatch.setattr(views, "settings", lambda: told)


def page(firm: Firm) -> str:
    answer = firm.app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == HTTPStatus.OK
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return answer.text


def value(text: str, series: str) -> float:
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


CONTACTS = '{method="GET",route="/<slug:slug>/contacts/<uuid:record_id>",status="404"}'


def test_requests_are_counted_by_pattern_and_never_by_address(acme: Firm) -> None:
    ring(acme)
    before = page(acme)
    secret = "01890a5d-ac96-774b-bcce-b302099a8057"

    for _ in range(3):
        acme.client().get(f"{acme.url}/contacts/{secret}")
    acme.client().get("/nowhere/at/all/to/be/found")
    after = page(acme)

    def grown(series: str) -> float:
        return value(after, series) - value(before, series)

    assert grown(f"kontor_request_seconds_count{CONTACTS}") == 3
    assert grown(f'kontor_request_seconds_bucket{CONTACTS[:-1]},le="+Inf"}}') == 3
    assert 0 < grown(f"kontor_request_seconds_sum{CONTACTS}") < 30
    assert grown(f"kontor_sql_statements_total{CONTACTS}") == 6
    assert grown('kontor_request_seconds_count{method="GET",route="-",status="404"}') == 1
    assert secret not in after
    assert "acme" not in after
    assert value(after, 'kontor_pool_connections_in_use{pool="tenants"}') == 0


def test_buckets_grow_towards_the_end(acme: Firm) -> None:
    acme.client().get(f"{acme.url}/contacts")

    shown = page(acme)

    series = (
        r'kontor_request_seconds_bucket\{method="GET",route="/<slug:slug>/contacts",status="200",le="[^"]+"\} (\d+)'
    )
    amounts = [int(found) for found in re.findall(series, shown)]
    assert len(amounts) == 12
    assert amounts == sorted(amounts)
    assert amounts[-1] >= 1


def test_jobs_tenants_and_memory_are_told(acme: Firm) -> None:
    from tenants import jobs, lanes

    # A hint that others have left would keep ours from being sent.
    with acme.app.app_context():
        lanes.worker().work(burst=True, logging_level="CRITICAL")
    gather(acme)
    before = page(acme)
    with acme.work():
        jobs.later(note, word="counted")
    gather(acme)
    waiting = page(acme)
    with acme.app.app_context():
        lanes.worker().work(burst=True, logging_level="CRITICAL")
    done = page(acme)

    jobs_waiting = 'kontor_waiting{lane="jobs"}'
    assert value(waiting, jobs_waiting) == value(before, jobs_waiting) + 1
    assert value(waiting, 'kontor_oldest_waiting_seconds{lane="jobs"}') > 0
    assert value(done, 'kontor_jobs_total{outcome="done"}') == value(before, 'kontor_jobs_total{outcome="done"}') + 1
    assert value(done, 'kontor_tenants{status="open"}') >= 2
    assert value(done, "kontor_tenants_behind") == 0
    assert value(done, "kontor_process_memory_bytes") > 10_000_000


def gather(firm: Firm) -> None:
    from app.operators import gathering

    with firm.app.app_context():
        gathering.gather()


def test_the_oldest_of_each_lane_is_told_as_it_was_counted_without_visiting_a_firm(acme: Firm, globex: Firm) -> None:
    from tenants import clock
    from tenants.backlog import Work

    rid_of_what_others_left(acme, globex)
    keep_waiting(acme, minutes={"changes": 3, "jobs": 7, "mails": 11, "webhooks": 13})
    gather(acme)

    with counted_statements(acme.app) as statements:
        shown = page(acme)
    clock.travel_with(lambda: timedelta(minutes=4))
    try:
        later = page(acme)
    finally:
        clock.travel_with(timedelta)

    oldest = {work: value(shown, f'kontor_oldest_waiting_seconds{{lane="{work}"}}') // 60 for work in Work}
    assert oldest == {"changes": 3, "jobs": 7, "mails": 11, "webhooks": 13}
    assert all(value(shown, f'kontor_waiting{{lane="{work}"}}') == 1 for work in Work)
    assert not [one for one in statements if acme.scope.pg_schema in one or "unrouted" in one or "FROM jobs" in one]
    assert value(shown, "kontor_counted_seconds") < 60
    assert 240 <= value(later, "kontor_counted_seconds") < 300


def test_who_is_alive_is_told_and_that_redis_is_away(acme: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from tenants import heartbeat, lanes

    with lanes.connection() as redis:
        redis.flushdb()
    nobody = page(acme)
    heartbeat.beat("scheduler")
    worker = lanes.worker()
    worker.register_birth()
    try:
        somebody = page(acme)
    finally:
        worker.register_death()
    nowhere = Redis(host="127.0.0.1", port=1, socket_connect_timeout=1)
    monkeypatch.setattr(lanes, "connection", lambda: nowhere)
    deaf = page(acme)

    told = [[value(one, f"kontor_{name}") for name in ("workers", "scheduler_alive")] for one in (nobody, somebody)]
    assert told == [[0, 0], [1, 1]]
    assert (value(somebody, "kontor_redis_up"), value(deaf, "kontor_redis_up")) == (1, 0)
    assert "kontor_workers" not in deaf


def test_failures_that_hold_up_nobody_else_are_counted_by_the_kind_of_work(acme: Firm) -> None:
    from tenants.isolation import Isolated

    for work in ("usage", "forwarding", "usage"):
        with acme.app.app_context(), Isolated(work, tenant="acme"):
            raise ValueError("acme's secret")

    told = page(acme)

    assert value(told, 'kontor_isolated_failures_total{work="usage"}') == 2
    assert value(told, 'kontor_isolated_failures_total{work="forwarding"}') == 1
    assert "# TYPE kontor_isolated_failures_total counter" in told
    assert "acme" not in told


def test_firms_in_trouble_are_counted_by_kind_and_named_nowhere(acme: Firm) -> None:
    from tenants import request_errors

    gather(acme)
    before = page(acme)
    with acme.app.app_context():
        request_errors.count(acme.scope.tenant_id, kind="KeyError", route="GET /<slug>/contacts")
        request_errors.count(acme.scope.tenant_id, kind="KeyError", route="GET /<slug>/contacts")
    gather(acme)
    after = page(acme)

    def grown(series: str) -> float:
        return value(after, series) - value(before, series)

    assert grown('kontor_tenants_in_trouble{trouble="errors"}') == 1
    assert grown("kontor_requests_failed_last_day") == 2
    assert "acme" not in after


@pytest.mark.parametrize("given", ["", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ü"])
def test_who_does_not_know_the_token_reads_nothing(app: Flask, given: str) -> None:
    answer = app.test_client().get("/metrics", headers={"Authorization": given})

    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.data == b""


def test_without_a_token_there_is_no_such_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.health import views
    from config.settings import settings

    monkeypatch.setattr(views, "settings", settings)

    answer = app.test_client().get("/metrics", headers={"Authorization": "Bearer None"})

    assert answer.status_code == HTTPStatus.NOT_FOUND


COUNTING = """
import sys, threading
from tenants import tally

def count():
    for _ in range(20_000):
        tally.add(("test", sys.argv[1]), (0, 1.0), (3, 0.5))

threads = [threading.Thread(target=count) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
tally.add((tally.AT_PRESENT, "test"), (0, 1.0))
print("counted", flush=True)
sys.stdin.read()
"""


def test_processes_and_threads_count_together_and_lose_nothing_when_they_die(app: Flask) -> None:
    from tenants import tally

    command = [sys.executable, "-c", COUNTING, "together"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    running = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2)]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()

    alive = tally.totals()
    for process in running:
        process.kill()
        process.communicate()
    dead, again = tally.totals(), tally.totals()

    assert alive["test", "together"][:4] == [160_000, 0, 0, 80_000]
    assert alive[tally.AT_PRESENT, "test"][0] == 2
    assert dead["test", "together"] == again["test", "together"] == alive["test", "together"]
    assert (tally.AT_PRESENT, "test") not in dead


def test_counting_costs_a_request_next_to_nothing(app: Flask) -> None:
    from app.core import measuring

    with app.test_request_context("/healthz"):
        response = app.make_response("")
        measuring._count(response)
        began = time.process_time()
        for _ in range(5000):
            measuring._begin()
            measuring._count(response)
        each = (time.process_time() - began) / 5000

    assert each < 30e-6, f"{each * 1e6:.1f} us"


def test_without_room_for_its_sheet_a_request_is_served_and_not_counted(
    acme: Firm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tenants import tally

    full = tmp_path / "full"
    full.write_text("a file where the folder should be")
    monkeypatch.setattr(tally, "_folder", lambda: full)
    monkeypatch.setattr(tally, "_mine", threading.local())

    assert acme.client().get(f"{acme.url}/contacts").status_code == HTTPStatus.OK
