"""The column *house*: what all processes of the house spend, on an operation and at rest.

An operation is charged with whatever it sets off, too: forwarding, live updates, checkpoints. What the house spends at
rest in the same time is taken off.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg

from benchmarks import processes
from benchmarks.drive import Measured, Target
from benchmarks.operations import Operation
from benchmarks.results import HouseCost

_REST_SECONDS = 20.0
_PATIENCE_SECONDS = 600
_LOOK_SECONDS = 5.0
_AT_REST = 0.15
"""Of a processor, by all together: whoever spends more is still starting."""

_SETTLE_SECONDS = 0.5
_WAITING = "SELECT 1 FROM platform.outbox WHERE note = 'changes' LIMIT 1"
_MS = 1000


@dataclass(frozen=True, kw_only=True)
class Household:
    """Everything that runs, by name, as the process with which each begins."""

    product: Mapping[str, int]
    floor: Mapping[str, int]
    database_url: str
    rest: Mapping[str, float]
    """CPU seconds a second, by name, while nobody asks anything."""

    def spent_on(self, target: Target) -> float:
        return sum(processes.spent_seconds(root) for root in self._parts(target).values())

    def rest_of(self, target: Target) -> float:
        return sum(self.rest[name] for name in self._parts(target))

    def _parts(self, target: Target) -> Mapping[str, int]:
        return self.product if target.side.name == "product" else self.floor


def at_rest(product: Mapping[str, int], floor: Mapping[str, int], *, database_url: str) -> Household:
    """Wait until all have started and nothing is to be done, then look on for a while."""
    parts = {**product, **floor}
    _until_started(list(parts.values()))
    _until_quiet(database_url)
    before = {name: processes.spent_seconds(root) for name, root in parts.items()}
    began = time.monotonic()
    time.sleep(_REST_SECONDS)
    seconds = time.monotonic() - began
    rest = {name: (processes.spent_seconds(root) - before[name]) / seconds for name, root in parts.items()}
    return Household(product=product, floor=floor, database_url=database_url, rest=rest)


def described(house: Household) -> dict[str, object]:
    """cpu_ms_a_second and pss_mib by name; their sums: cpu_ms_a_minute and pss_mib_of_all."""
    rest = {name: house.rest[name] * _MS for name in house.product}
    memory = {name: processes.pss_mib(processes.family(root)) for name, root in house.product.items()}
    return {
        "cpu_ms_a_second": rest,
        "cpu_ms_a_minute": sum(rest.values()) * 60,
        "pss_mib": memory,
        "pss_mib_of_all": sum(memory.values()),
    }


def cost(operation: Operation, house: Household, measured: Measured) -> HouseCost:
    product, floor = (_each(operation, house, measured, target) for target in measured.targets)
    return HouseCost(cpu_ms=product, floor_cpu_ms=floor)


def _each(operation: Operation, house: Household, measured: Measured, target: Target) -> float:
    """CPU milliseconds of one request, one client at a time."""
    count = measured.size.block * max(measured.size.rounds // 2, 1)
    measured.forget_limits()
    target.run([operation.request(target.side, measured.samples)], at_once=1)
    _until_quiet(house.database_url)
    before, began = house.spent_on(target), time.monotonic()
    target.run([operation.request(target.side, measured.samples) for _ in range(count)], at_once=1)
    _until_quiet(house.database_url)
    spent = house.spent_on(target) - before - house.rest_of(target) * (time.monotonic() - began)
    return spent / count * _MS


def _until_started(roots: Sequence[int]) -> None:
    """Loading the product takes a processor for seconds."""
    deadline, spent = time.monotonic() + _PATIENCE_SECONDS, 0.0
    while time.monotonic() < deadline:
        before, spent = spent, sum(processes.spent_seconds(root) for root in roots)
        if before and spent - before < _AT_REST * _LOOK_SECONDS:
            return
        time.sleep(_LOOK_SECONDS)
    raise RuntimeError("The house did not come to rest.")


def _until_quiet(database_url: str) -> None:
    """Nobody has anything left to be forwarded."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with psycopg.connect(database_url, autocommit=True) as connection:
        while connection.execute(_WAITING).fetchone():
            if time.monotonic() > deadline:
                raise RuntimeError("Forwarding did not come to its end.")
            time.sleep(0.02)
    time.sleep(_SETTLE_SECONDS)
