"""kill -9 of relay, workers, Valkey and PostgreSQL at any moment: in the app everything is told exactly once, by mail
with at most one copy more for each kill and the same Message-ID; nothing is lost.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app.notifications.models import Delivery, DeliveryState, Notification
from deploy.local import embedded
from tenants import engines
from tenants.db import db
from tests.app.escalation.stories import complain
from tests.app.schedule.processes import ROOT, knowing_no_provisioner, until
from tests.colleagues import colleague
from tests.firms import Firm
from tests.tenants.letterbox import Letterbox, letterbox

COMPLAINTS = 60
KILLS = 12


class Yard:
    """One scheduler and two workers, revived when they die, with a Valkey of their own that forgets."""

    def __init__(self, folder: Path, box: Letterbox) -> None:
        self._folder = folder
        self._box = box
        self._stack = ExitStack()
        self._names = ("scheduler", "worker", "worker")
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Yard:
        self._start_valkey()
        self._processes = [self._start(name) for name in self._names]
        return self

    def __exit__(self, *_exc: object) -> None:
        for one in self._processes:
            one.kill()
            one.wait()
        self._stack.close()

    def _start_valkey(self) -> None:
        # Killed, it leaves its socket and nothing else: what it knew is gone.
        self._valkey = self._stack.enter_context(embedded.run_valkey(self._folder / "kv", durable=False))

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        environment = {
            **(dict(os.environ) if name == "scheduler" else knowing_no_provisioner()),
            "REDIS_URL": embedded.redis_url(self._folder / "kv"),
            "SMTP_URL": f"smtp://127.0.0.1:{self._box.port}",
        }
        code = f"import app.cli; app.cli.main([{name!r}])"
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=log, stderr=log)

    def kill(self, victim: int) -> None:
        """0 to 2: a process; 3: Valkey; 4: PostgreSQL, which then recovers from its log."""
        if victim < len(self._processes):
            self._processes[victim].kill()
            self._processes[victim].wait()
        elif victim == len(self._processes):
            self._valkey.kill()
            self._stack.close()
            self._start_valkey()
        else:
            crash_postgres()
        self.alive()

    def alive(self) -> bool:
        """Whoever died lives again."""
        for at, one in enumerate(self._processes):
            if one.poll() is not None:
                self._processes[at] = self._start(self._names[at])
        return True


def crash_postgres() -> None:
    """A server process that dies takes all others with it: nobody knows what it left in the shared memory."""
    with engines.provisioner() as connection:
        backend = connection.execute("SELECT pid FROM pg_stat_activity WHERE usename = 'kontor_app_main'").fetchone()
        if backend:
            os.kill(backend[0], signal.SIGKILL)


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox() as found:
        yield found


@pytest.fixture
def durable(desk: Firm) -> Iterator[None]:
    """What is committed survives a crash of the database, as it does outside tests."""
    with desk.app.app_context():
        engine = db.engine
    with engines.provisioner() as sql:
        sql.execute("ALTER DATABASE kontor SET synchronous_commit = on")
    engine.dispose()
    yield
    with engines.provisioner() as sql:
        sql.execute("ALTER DATABASE kontor RESET synchronous_commit")
    engine.dispose()


def persistently(firm: Firm, number: int) -> None:
    """As a person does whose page said that something went wrong: once more, if it is not there."""
    from sqlalchemy.exc import SQLAlchemyError

    from app.complaints.models import Complaint

    for _ in range(30):
        try:
            with firm.work() as session:
                if session.scalar(select(Complaint.id).where(Complaint.what == f"No. {number}")):
                    return
            complain(firm, what=f"No. {number}")
        except SQLAlchemyError:
            time.sleep(0.5)
    pytest.fail(f"Complaint {number} could not be entered.")


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("durable")
def test_whatever_is_killed_everything_is_told_once_and_nothing_is_lost(
    desk: Firm, box: Letterbox, tmp_path: Path
) -> None:
    cora = colleague(desk, name="Cora Chef", role="admin")
    chance = random.Random(20261123)

    with Yard(tmp_path, box) as yard:
        for number in range(COMPLAINTS):
            persistently(desk, number)
            if number % (COMPLAINTS // KILLS) == 0:
                yard.kill(chance.randrange(5))
        until(lambda: yard.alive() and told(desk) == COMPLAINTS)
        # What a killed sender had claimed falls due again after a minute.
        with engines.provisioner() as sql:
            sql.execute("INSERT INTO platform.clock_offset VALUES (90)")
        until(lambda: yard.alive() and sent(desk) == COMPLAINTS)

    copies = Counter(str(letter["Message-ID"]) for letter in box.letters)
    assert told(desk) == COMPLAINTS
    assert len(copies) == COMPLAINTS
    assert sum(copies.values()) - COMPLAINTS <= KILLS
    assert {letter["To"] for letter in box.letters} == {cora.email}


def told(firm: Firm) -> int:
    with firm.work() as session:
        found = session.execute(select(Notification.title, func.count()).group_by(Notification.title)).all()
        assert all(times == 1 for _, times in found)
    return len(found)


def sent(firm: Firm) -> int:
    with firm.work() as session:
        query = select(func.count()).where(Delivery.state == DeliveryState.SENT)
        left = session.scalar(text("SELECT count(*) FROM unrouted"))
        return 0 if left else session.scalar(query) or 0
