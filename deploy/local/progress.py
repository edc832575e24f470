"""What the door says while it works: one line per step, with the seconds since it was opened."""

import sys
import time
from contextlib import suppress
from typing import TextIO


class Progress:
    """Counts from `since`, a reading of the monotonic clock, which all processes of a machine share."""

    def __init__(self, *, since: float | None = None, stream: TextIO | None = None) -> None:
        self.since = time.monotonic() if since is None else since
        self._stream = stream or sys.stdout

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.since

    def say(self, text: str) -> None:
        self.write(f"{self.seconds:6.1f} s  {text}\n")

    def write(self, text: str) -> None:
        # Whoever listened may have left (`./run | head`); that is no reason to stop the house.
        with suppress(BrokenPipeError):
            self._stream.write(text)
            self._stream.flush()
