"""A whole house in processes of its own, with its demo, and the words that it speaks."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
from babel.support import NullTranslations, Translations

from deploy.local import embedded, tied
from tests.ports import free_ports, is_listened_to

ROOT = Path(__file__).resolve().parent.parent.parent
_TRANSLATIONS = ROOT / "app" / "core" / "translations"
_OURS = (
    "KONTOR_",
    "DATABASE_URL",
    "CELL_URL",
    "PROVISIONER_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "PUBLIC_URL",
    "PORT",
    "SMTP_URL",
)
_READY = "Ctrl-C stops everything"
_READY_SECONDS = 100
_STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Login:
    slug: str
    email: str
    password: str
    locale: str


GERMAN = Login("nordlicht", "mia@nordlicht.example", "Nordlicht-Demo-1", "de")
ENGLISH = Login("brightwater", "ruth@brightwater.example", "Brightwater-Demo-1", "en")


@dataclass(frozen=True, slots=True)
class House:
    url: str
    live_port: int
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def open_firm(self, slug: str, *, locale: str) -> Login:
        """A firm for one story, in which it may change what the demo's firms shall keep."""
        login = Login(slug, f"owner@{slug}.example", "ein Passwort für eine Geschichte", locale)
        command = ["tenants", "create", slug, "--name", slug.title(), "--locale", locale]
        self._kontor(*command, "--owner", login.email, "--password", login.password)
        return login

    @contextmanager
    def another_time(self) -> Iterator[Callable[[timedelta], None]]:
        """In all of its processes the clock goes on by what it is told; afterwards it is the present again."""
        with psycopg.connect(self.database_url, autocommit=True) as sql:

            def travel(by: timedelta) -> None:
                sql.execute("INSERT INTO platform.clock_offset VALUES (%s)", [round(by.total_seconds())])

            try:
                yield travel
            finally:
                sql.execute("DELETE FROM platform.clock_offset")

    @property
    def database_url(self) -> str:
        return embedded.database_url(self.log.parent / "postgres")

    def operator(self, email: str) -> Login:
        """Somebody who may see the console."""
        login = Login("operator", email, "der Leuchtturm in der Dämmerung", "de")
        self._kontor("operators", "create", email, "--name", "Olga Betrieb", "--password", login.password)
        return login

    def _kontor(self, *arguments: str) -> None:
        launch = [sys.executable, "-m", "deploy.local.launch", "kontor", *arguments]
        subprocess.run(launch, cwd=ROOT, env=_environment(self), check=True, capture_output=True)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def started() -> Iterator[House]:
    """A house that answers, as `./run` starts it once everything is set up; nothing of it is left at the end."""
    memory = Path("/dev/shm")
    home = Path(tempfile.mkdtemp(prefix="kontor-", dir=memory if os.access(memory, os.W_OK) else None))
    port, live_port = free_ports(2)
    house = House(url=f"http://127.0.0.1:{port}", live_port=live_port, log=home / "house.log")
    try:
        with house.log.open("wb") as log:
            process = _start(house, log.fileno())
        try:
            _wait_until_ready(house, process)
            yield house
        finally:
            _stop(process)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _start(house: House, log: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*tied.to_us(signal.SIGTERM), sys.executable, "-m", "deploy.local.launch", "start"],
        cwd=ROOT,
        env=_environment(house),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _environment(house: House) -> dict[str, str]:
    # Other tests of this process have set their own databases.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | {
        "KONTOR_HOME": str(house.log.parent),
        "PORT": str(house.port),
        "LIVE_PORT": str(house.live_port),
        "KONTOR_TRAVELLING_CLOCK": "1",
    }


def _wait_until_ready(house: House, process: subprocess.Popen[bytes]) -> None:
    """Live updates, too: `./run` lets people in before they are there, and a browser would tell of it."""
    deadline = time.monotonic() + _READY_SECONDS
    while _READY not in house.said() or not is_listened_to(house.live_port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"The house did not start. It said:\n{house.said()}")
        time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


class Words:
    """Texts of the product in one language, by their English original, so that a story reads the same in both."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        folder = _TRANSLATIONS if locale != "en" else None
        self._known: NullTranslations = Translations.load(folder, [locale]) if folder else NullTranslations()

    def __call__(self, text: str, **values: object) -> str:
        said = self._known.gettext(text)
        return said % values if values else said
