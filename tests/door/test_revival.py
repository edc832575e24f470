"""What ends is started again: at once the first time, ever more slowly while it keeps ending, and never given up."""

import io
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local import revival
from deploy.local.children import STOP_SECONDS, Child, Children
from deploy.local.failures import CannotStart
from deploy.local.progress import Progress
from deploy.local.revival import Revival


class Mortal:
    """Ends whenever it is told; `refusing` is how often it does not even start."""

    name = "worker"

    def __init__(self) -> None:
        self.ended_with: int | None = None
        self.starts = 0
        self.refusing = 0

    def start(self) -> None:
        if self.refusing:
            self.refusing -= 1
            raise CannotStart("No space is left.")
        self.starts += 1
        self.ended_with = None

    def clear_away(self) -> None:
        pass


class Told:
    """A process that is looked after, with a clock that goes on when it is told."""

    def __init__(self) -> None:
        self.now = 0.0
        self.said = io.StringIO()
        self.mortal = Mortal()
        self.revival = Revival(self.mortal, Progress(stream=self.said), now=lambda: self.now)

    def pause_after_it_ends(self) -> float:
        """In seconds, looked at ten times a second."""
        began = self.now
        self.mortal.ended_with = -9
        while self.mortal.ended_with is not None:
            self.revival.look()
            self.now = round(self.now + 0.1, 1)
        return round(self.now - began, 1)


def test_what_keeps_ending_is_started_ever_more_slowly_and_never_given_up() -> None:
    told = Told()

    pauses = [told.pause_after_it_ends() for _ in range(10)]

    assert pauses == pytest.approx([0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60], abs=0.3)
    assert "worker ended with code -9; starting it again in 0.5 s ..." in told.said.getvalue()
    assert "(10 times in a row; the others go on); starting it again in 60 s" in told.said.getvalue()


def test_a_time_of_health_is_forgiveness() -> None:
    told = Told()
    for _ in range(5):
        told.pause_after_it_ends()

    told.now += revival.HEALTHY_SECONDS

    assert told.pause_after_it_ends() == pytest.approx(0.5, abs=0.3)


def test_what_cannot_even_be_started_is_tried_again() -> None:
    told = Told()
    told.mortal.refusing = 2

    pause = told.pause_after_it_ends()

    assert told.mortal.starts == 1
    assert pause == pytest.approx(0.5 + 1 + 2, abs=0.5)
    assert "worker does not start: No space is left." in told.said.getvalue()


def test_one_that_keeps_ending_stops_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revival, "FIRST_PAUSE", 0.001)
    said = io.StringIO()
    children = Children(environment={}, folder=tmp_path, progress=Progress(stream=said), databases=[])
    steady = Child("steady", ["sleep", "60"])
    try:
        children.start(steady)
        poisoned = children.start(Child("poisoned", ["false"]))

        _look_until(children, lambda: poisoned.ends_in_a_row > 7)

        assert steady.ended_with is None
        assert "poisoned ended with code 1 (7 times in a row; the others go on)" in said.getvalue()
    finally:
        children.stop()
    assert steady.ended_with == -signal.SIGTERM


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux who is alive")
def test_what_a_dead_process_left_running_does_not_stand_in_the_way(tmp_path: Path) -> None:
    children = Children(environment={}, folder=tmp_path, progress=Progress(stream=io.StringIO()), databases=[])
    script = "echo $$ >> parents; sleep 60 & echo $! >> rest; wait"
    try:
        children.start(Child("web", ["sh", "-c", script]))
        _look_until(children, (tmp_path / "rest").exists)
        parent, rest = (int((tmp_path / name).read_text()) for name in ("parents", "rest"))

        os.kill(parent, signal.SIGKILL)
        _look_until(children, lambda: len((tmp_path / "parents").read_text().split()) == 2)

        assert not Path(f"/proc/{rest}").exists() or "(sleep) Z" in Path(f"/proc/{rest}/stat").read_text()
    finally:
        children.stop()


def test_whoever_does_not_listen_is_killed_after_a_while(tmp_path: Path) -> None:
    children = Children(environment={}, folder=tmp_path, progress=Progress(stream=io.StringIO()), databases=[])
    deaf = Child("deaf", ["sh", "-c", "trap '' TERM; touch deaf; sleep 60 & wait; sleep 60"])
    children.start(deaf)
    _look_until(children, (tmp_path / "deaf").exists)

    began = time.monotonic()
    children.stop()

    assert deaf.ended_with == -signal.SIGKILL
    assert time.monotonic() - began >= STOP_SECONDS


def _look_until(children: Children, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        children.watch()
        time.sleep(0.01)
