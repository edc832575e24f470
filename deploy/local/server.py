"""A database of our own as a process: started, however often, and ended. Standard library only."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local import clusters, tied
from deploy.local.failures import EmbeddedFailed

_START_SECONDS = 600
"""After a power cut PostgreSQL first repeats what it had not yet written to its files."""


@dataclass(kw_only=True, eq=False)
class Server:
    name: str
    url: str
    """Where it answers."""

    folder: Path
    command: Sequence[str]
    prefix: Sequence[str]
    """Takes root away where the program refuses it."""

    gently: signal.Signals
    quickly: signal.Signals
    """How it is told to end: in good order, and at once."""

    clear: Callable[[], None]
    """Ends and removes what one that was killed left behind."""

    ready: Callable[[int], bool]
    """Whether the process of this number serves."""

    _process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> None:
        """Return at once; it takes a while until it answers. Raises EmbeddedFailed or OSError."""
        self.clear()
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [*self.prefix, *tied.to_us(self.gently), *self.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=clusters.environment(),
                cwd="/",
                start_new_session=True,
            )

    @property
    def ended_with(self) -> int | None:
        return self._process.poll() if self._process else None

    def clear_away(self) -> None:
        """Nothing yet: `start` does, as late as it can, for what is left needs a moment to notice."""

    def answers(self) -> bool:
        return self._process is not None and self.ended_with is None and self.ready(self._process.pid)

    def wait_until_it_answers(self) -> None:
        """Raises EmbeddedFailed."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers():
            if self.ended_with is not None:
                raise EmbeddedFailed(clusters.explain(self.log.read_text(errors="replace"), folder=self.folder))
            if time.monotonic() > deadline:
                raise EmbeddedFailed(f"The database in {self.folder} did not answer in {_START_SECONDS} seconds.")
            time.sleep(0.01)

    def kill(self) -> None:
        """At once, as when the machine runs out of memory."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def ask_to_end(self) -> None:
        if self._process is not None and self.ended_with is None:
            self._process.send_signal(self.gently)

    def wait_for_end(self, *, until: float) -> None:
        """Whoever is not done by then is ended at once: what was acknowledged is on the disk, and is read again at the
        next start.
        """
        if self._process is None:
            return
        for how, seconds in ((self.quickly, until - time.monotonic()), (signal.SIGKILL, 0.5)):
            try:
                self._process.wait(max(seconds, 0.1))
            except subprocess.TimeoutExpired:
                self._process.send_signal(how)
        self._process.wait()
