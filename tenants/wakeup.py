"""Sleep until somebody writes: PostgreSQL's LISTEN and NOTIFY, past any pooler.

A transaction with a NOTIFY holds a lock while it commits, and all others with one wait for it (async.c of PostgreSQL
18), which would slow down everybody at work. So it is sent only while the sleeper has said that it sleeps: a trigger of
the outbox does it.
"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from sqlalchemy import text

from tenants import engines
from tenants.db import platform_work

_CHANNEL = "kontor_relay"
_CONNECT_SECONDS = 10
_SAY = text("UPDATE platform.relay SET is_asleep = :sleeps")


class Sleeper:
    """One that looks for marks in the outbox, and sleeps while there are none."""

    def __init__(self) -> None:
        self._ears: psycopg.Connection | None = None
        self._sleeps: bool | None = None
        """What we have said last; whoever was here before us may have said either."""

    def sleep(self, look: Callable[[], int], *, seconds: float) -> int:
        """Look, and where nothing is found sleep for at most so long and look once more. Answers what was found.

        Who wrote before it was known that we sleep is found by the first look, and who writes later wakes us up. Who
        was just committing is found when the time is over. Raises psycopg.Error.
        """
        try:
            self._ears = self._ears or _listening()
            self._say(sleeps=True)
            if found := look():
                return found
            # What has come while nobody listened is among them.
            for _ in self._ears.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.Error:
            self.close()
            raise
        return look()

    def wake_up(self) -> None:
        """From now on we look by ourselves, and nobody needs to say anything."""
        self._say(sleeps=False)

    def close(self) -> None:
        """Hang up. What we have said stays."""
        if self._ears is not None:
            self._ears.close()
        self._ears = self._sleeps = None

    def _say(self, *, sleeps: bool) -> None:
        if self._sleeps is not sleeps:
            with platform_work() as session:
                session.execute(_SAY, {"sleeps": sleeps})
            self._sleeps = sleeps


def _listening() -> psycopg.Connection:
    url = engines.direct_url().set(drivername="postgresql").render_as_string(hide_password=False)
    ears = psycopg.connect(url, autocommit=True, connect_timeout=_CONNECT_SECONDS, **engines.TCP)
    ears.execute(f"LISTEN {_CHANNEL}".encode())
    return ears
