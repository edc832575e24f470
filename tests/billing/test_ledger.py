"""Counters that grow: written down in any order, any number of times, by anybody, they make one ledger."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.app.live.conftest import cookie
from tests.billing import serving
from tests.billing.ledgers import Ledger, traffic, written_down
from tests.firms import Firm

TENANTS = [UUID(int=number) for number in (0, 71, 72)]
HOURS = [datetime(2026, 3, 29, hour, tzinfo=UTC) for hour in range(3)]
SOURCES = [UUID(int=number) for number in (901, 902)]


@st.composite
def histories(draw: st.DrawFn) -> list[list[tuple[UUID, datetime, str, UUID, int]]]:
    """What each of two processes would write down one time after the other: totals that only grow."""
    keys = st.tuples(st.sampled_from(TENANTS), st.sampled_from(HOURS), st.sampled_from(["bytes_in", "bytes_out"]))
    written = []
    for source in SOURCES:
        totals: dict[tuple[UUID, datetime, str], int] = {}
        for key, amount in draw(st.lists(st.tuples(keys, st.integers(1, 10**12)), max_size=8)):
            totals[key] = totals.get(key, 0) + amount
            written.append([(*known, source, total) for known, total in totals.items()])
    return written


@settings(max_examples=60)
@given(histories(), st.data())
def test_any_order_any_repetition_any_loss_but_of_the_last_make_the_same_ledger(
    house: Flask, history: list[list[tuple[UUID, datetime, str, UUID, int]]], data: st.DataObject
) -> None:
    from billing import ledger
    from billing.ledger import Total
    from billing.models import usage_counters
    from tenants.db import platform_work

    last: dict[tuple[UUID, datetime, str, UUID], int] = {}
    for batch in history:
        for *key, total in batch:
            last[tuple(key)] = total
    again = data.draw(st.lists(st.sampled_from(history), max_size=4)) if history else []
    for batch in data.draw(st.permutations([*history, *again])):
        with house.app_context(), platform_work() as session:
            ledger.add(session, [Total(*one) for one in batch])

    with house.app_context(), platform_work() as session:
        ours = usage_counters.c.source.in_(SOURCES)
        found = session.execute(select(usage_counters).where(ours)).all()
        session.execute(usage_counters.delete().where(ours))
    assert {(r.tenant_id, r.hour, r.meter, r.source): r.total for r in found} == last


def test_many_threads_count_and_nothing_is_lost(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from billing import counters

    monkeypatch.setattr(counters, "folder", lambda: tmp_path)
    counting = counters.Counters()

    def count() -> None:
        for number in range(2000):
            counting.add(TENANTS[number % 3], 1, 20, 1)

    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ((_, found),) = [counters.read(path) for path in tmp_path.iterdir()]
    assert sum(one.received for one in found) == 12_000
    assert sum(one.sent for one in found) == 240_000


def test_many_write_down_at_once_while_somebody_counts(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from billing import counters, ledger

    before = Ledger(app)
    monkeypatch.setattr(counters, "folder", lambda: tmp_path)
    counting, is_over = counters.Counters(), threading.Event()

    def write_down() -> None:
        with app.app_context():
            while not is_over.is_set():
                ledger.write_down()

    flushers = [threading.Thread(target=write_down) for _ in range(3)]
    for flusher in flushers:
        flusher.start()
    for number in range(20_000):
        counting.add(TENANTS[number % 3], 255, 0xFFFF, 1)
    is_over.set()
    for flusher in flushers:
        flusher.join()

    assert sum(meters["bytes_in"] for meters in before.accounts().values()) == 20_000 * 255
    assert before.accounts()[TENANTS[2]]["requests"] == 6666


def test_when_a_file_is_full_another_one_goes_on(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from billing import counters

    monkeypatch.setattr(counters, "folder", lambda: tmp_path)
    monkeypatch.setattr(counters, "_MOST", 10)
    counting = counters.Counters()

    for number in range(25):
        counting.add(UUID(int=number + 1), number, 0, 1)

    found = [one for path in tmp_path.iterdir() for one in counters.read(path)[1]]
    assert sorted(one.received for one in found) == list(range(25))
    assert len(list(tmp_path.iterdir())) == 3


def test_what_is_only_half_written_is_not_read_yet(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from billing import counters

    monkeypatch.setattr(counters, "folder", lambda: tmp_path)
    counting = counters.Counters()
    counting.add(TENANTS[1], 1, 2, 3)
    counting.add(TENANTS[2], 4, 5, 6)
    (path,) = tmp_path.iterdir()
    whole = counters.read(path)[1]

    with path.open("r+b") as file:
        file.seek(2 * 64)
        file.write(bytes(16))

    assert [one.tenant_id for one in whole] == TENANTS[1:]
    assert counters.read(path)[1] == whole[:1]


def test_a_full_disk_costs_figures_and_no_page(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from billing import counters

    monkeypatch.setattr(counters, "folder", lambda: tmp_path / "file" / "below")
    (tmp_path / "file").touch()

    counters.Counters().add(TENANTS[1], 1, 1, 1)

    assert [path.name for path in tmp_path.iterdir()] == ["file"]


DYING = """
import os, signal, sys
from uuid import UUID
from billing.counters import counters
for number in range(1000):
    counters.add(UUID(int=73), 3, 5, 1)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_had_counted_is_written_down_once_and_its_file_goes(app: Flask) -> None:
    from billing import counters

    ledger = Ledger(app)
    done = subprocess.run([sys.executable, "-c", DYING], cwd=serving.ROOT, env={**os.environ}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(counters.folder().iterdir())) == 1

    first = ledger.accounts()
    second = ledger.accounts()

    assert first == second == {UUID(int=73): {"bytes_in": 3000, "bytes_out": 5000, "requests": 1000}}
    assert list(counters.folder().iterdir()) == []


def test_a_flusher_that_dies_before_it_removes_a_file_has_doubled_nothing(app: Flask) -> None:
    from billing import counters

    ledger = Ledger(app)
    subprocess.run([sys.executable, "-c", DYING], cwd=serving.ROOT, env={**os.environ}, check=False)
    (path,) = counters.folder().iterdir()
    kept = path.read_bytes()
    first = ledger.accounts()

    path.write_bytes(kept)

    assert ledger.accounts() == first
    assert first[UUID(int=73)]["bytes_in"] == 3000


def test_what_ended_is_added_together_and_a_file_that_comes_back_adds_nothing(app: Flask) -> None:
    from billing import counters, ledger
    from billing.models import UsageSource, usage_counters
    from tenants.db import platform_work

    def rows() -> set[tuple[UUID, int]]:
        with app.app_context(), platform_work() as session:
            mine = select(usage_counters).where(usage_counters.c.tenant_id == UUID(int=73))
            return {(row.source, row.total) for row in session.execute(mine) if row.meter == "bytes_out"}

    before = Ledger(app)
    files = []
    for _ in range(3):
        subprocess.run([sys.executable, "-c", DYING], cwd=serving.ROOT, env={**os.environ}, check=False)
        (path,) = counters.folder().iterdir()
        files.append((path, path.read_bytes()))
        written_down(app)
    first = before.accounts()
    apart = rows()
    with app.app_context():
        young = ledger.fold()
        with platform_work() as session:
            session.execute(UsageSource.__table__.update().values(ended_at=datetime(2026, 1, 1, tzinfo=UTC)))
        old, again = ledger.fold(), ledger.fold()
    for path, content in files:
        path.write_bytes(content)

    second = before.accounts()

    assert (young, again) == (0, 0)
    assert old >= 3
    assert len(apart) >= 3
    assert len(rows()) == 1
    assert first == second
    assert first[UUID(int=73)]["bytes_out"] == 15_000


@pytest.mark.parametrize("content", [b"", b"\0" * 640, b"something else"])
def test_what_is_no_sheet_of_ours_holds_up_nobody(app: Flask, content: bytes) -> None:
    from billing import counters

    counters.folder().mkdir(parents=True, exist_ok=True)
    strange = counters.folder() / "strange"
    strange.write_bytes(content)

    written_down(app)

    assert strange.exists() == (content == b"")
    strange.unlink(missing_ok=True)


@dataclass
class Guest:
    """Somebody who reads one page after the other, and comes back when the door is slammed."""

    firm: Firm
    port: int
    answered: int = 0
    broken: int = 0
    heard: int = 0
    longest: int = 0
    """Bytes of an answer."""

    def visit(self, stop: threading.Event) -> None:
        headers = {"Cookie": cookie(self.firm)}
        while not stop.is_set():
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
                try:
                    while not stop.is_set():
                        connection.request("GET", f"{self.firm.url}/tags", headers=headers)
                        page = connection.getresponse().read()
                        self.heard += len(page)
                        self.longest = max(self.longest, len(page))
                        self.answered += 1
                except (OSError, HTTPException):
                    self.broken += 1


def some_more(guests: list[Guest]) -> None:
    """Wait until they have read some more pages."""
    deadline, before = time.monotonic() + 60, sum(guest.answered for guest in guests)
    while sum(guest.answered for guest in guests) < before + 12 and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.mark.timeout(300)
def test_kill_9_of_web_processes_under_load_loses_only_what_was_under_way(
    app: Flask, acme: Firm, globex: Firm, tmp_path: Path
) -> None:
    ledger, port, stop = Ledger(app), serving.free_port(), threading.Event()
    guests = [Guest((acme, globex)[number % 2], port) for number in range(6)]

    with serving.served(port, log=tmp_path / "web.log", processes=2) as master:
        visits = [threading.Thread(target=guest.visit, args=(stop,)) for guest in guests]
        for visit in visits:
            visit.start()
        for _ in range(4):
            some_more(guests)
            children = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
            os.kill(int(children[0]), signal.SIGKILL)
        some_more(guests)
        stop.set()
        for visit in visits:
            visit.join()

    found = ledger.accounts()
    requests = sum(found[firm.scope.tenant_id]["requests"] for firm in (acme, globex))
    answered, broken = sum(guest.answered for guest in guests), sum(guest.broken for guest in guests)
    # Every answer that somebody heard to its end is counted, but for those whose last step a kill fell into.
    assert answered >= 5 * 12
    assert broken > 0
    assert answered - broken <= requests <= answered + broken
    longest = max(guest.longest for guest in guests)
    assert traffic(found)[1] > sum(guest.heard for guest in guests) - broken * longest


@dataclass
class Uploader:
    """Somebody who sends a large file so slowly that it is always under way."""

    firm: Firm
    port: int
    address: str
    sent: int = 0

    def send(self, size: int, over: threading.Event) -> None:
        head = f"POST {self.firm.url}{self.address} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie(self.firm)}\r\n"
        head += f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {20 << 20}\r\n\r\n"
        part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=30) as client:
            piece = (head + part).encode()
            while self.sent < size:
                client.sendall(piece)
                self.sent += len(piece)
                piece = b"x" * 50_000
            over.wait(120)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("address", ["/imports/new", f"/files/contact/{UUID(int=1)}"], ids=["a list", "an attachment"])
def test_kill_9_of_a_web_process_loses_no_more_of_an_upload_than_a_step_a_connection(
    app: Flask, acme: Firm, tmp_path: Path, address: str
) -> None:
    ledger, port, over = Ledger(app), serving.free_port(), threading.Event()
    uploaders = [Uploader(acme, port, address) for _ in range(3)]
    size, step = 8 << 20, 1 << 20
    least = len(uploaders) * (size - step - 50_000)

    with serving.served(port, log=tmp_path / "web.log") as master:
        threads = [threading.Thread(target=one.send, args=(size, over)) for one in uploaders]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 60
        while booked(ledger, acme) < least and time.monotonic() < deadline:
            time.sleep(0.2)
        (child,) = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGKILL)
        over.set()
        for thread in threads:
            thread.join()

    assert least <= booked(ledger, acme) <= sum(one.sent for one in uploaders)


def booked(ledger: Ledger, firm: Firm) -> int:
    return ledger.accounts().get(firm.scope.tenant_id, {}).get("bytes_in", 0)
