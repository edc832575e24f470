"""A storm: processes of a running house are killed at random, in an order that a seed repeats."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from random import Random

from benchmarks import processes
from tests.door.started import House

KINDS = ("web", "web process", "worker", "scheduler", "live", "postgres", "postgres backend", "valkey")
_AGAIN_SECONDS = 90
_BREATH_SECONDS = 30


class Storm:
    def __init__(self, house: House, *, seed: int) -> None:
        self.killed: Counter[str] = Counter()
        self._house = house
        self._random = Random(seed)

    def rage(self, kills: int, *, acknowledged: Callable[[], int]) -> None:
        """All kinds in turn, each round in another order; between two kills a write comes through, if it can."""
        order: list[str] = []
        for _ in range(kills):
            order = order or self._random.sample(KINDS, len(KINDS))
            self._kill(order.pop())
            self._breathe(acknowledged)

    def _kill(self, kind: str) -> None:
        deadline = time.monotonic() + _AGAIN_SECONDS
        while not (found := self._alive(kind)):
            assert self._house.process.poll() is None, self._house.said()
            assert time.monotonic() < deadline, f"{kind} was not started again.\n{self._house.said()}"
            time.sleep(0.05)
        os.kill(self._random.choice(found), signal.SIGKILL)
        self.killed[kind] += 1

    def _alive(self, kind: str) -> list[int]:
        children = {pid: _kind(processes.title(pid)) for pid in processes.children(self._house.process.pid)}
        if kind == "web process":
            return [own for pid, name in children.items() if name == "web" for own in processes.children(pid)]
        if kind == "postgres backend":
            return [own for pid, name in children.items() if name == "postgres" for own in processes.backends(pid)]
        return [pid for pid, name in children.items() if name == kind]

    def _breathe(self, acknowledged: Callable[[], int]) -> None:
        time.sleep(self._random.uniform(0, 0.6))
        before, deadline = acknowledged(), time.monotonic() + _BREATH_SECONDS
        while acknowledged() == before and time.monotonic() < deadline:
            time.sleep(0.02)


def _kind(title: str) -> str:
    words = {word.rpartition("/")[2] for word in title.split()}
    kinds = ("postgres", "valkey-server", "scheduler", "worker", "live", "live_server.py")
    return next((kind.partition("-")[0].partition("_")[0] for kind in kinds if kind in words), "web")
