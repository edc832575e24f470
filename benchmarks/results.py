"""From blocks of requests to the numbers that stand in the table and in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import mean, median, quantiles
from typing import Any

from benchmarks.drive import Block
from benchmarks.operations import Goal
from benchmarks.sizes import Size

_MS = 1000


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of one request, on one side."""

    cpu_ms: float
    web_ms: float
    database_ms: float
    p50_ms: float
    p95_ms: float
    bytes: int
    noise: float
    """How far the two halves of the run lie apart in CPU, as a part of the whole: 0.1 is 10 %."""

    p95_by_label: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class HouseCost:
    """CPU of one request in all processes of the house, on both sides."""

    cpu_ms: float
    floor_cpu_ms: float

    @property
    def ratio(self) -> float:
        return self.cpu_ms / self.floor_cpu_ms


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table."""

    operation: str
    clients: int
    product: Cost
    floor: Cost | None
    statements: float | None
    floor_statements: float | None
    goal: Goal
    beside_list: float | None = None
    """CPU as a multiple of the list's own."""

    house: HouseCost | None = None
    """What the column *house* says; everything else is the column *request*: the web server and its backends."""

    @property
    def ratio(self) -> float | None:
        return self.product.cpu_ms / self.floor.cpu_ms if self.floor else None

    def misses(self) -> list[str]:
        """The goals that are not reached, in words."""
        goal, missed = self.goal, []
        if _over(self.ratio, goal.ratio):
            missed.append(f"> {goal.ratio:g}x")
        if _over(self.product.cpu_ms, goal.cpu_ms):
            missed.append(f"CPU > {goal.cpu_ms:g} ms")
        if _over(self.statements, goal.statements):
            missed.append(f"> {goal.statements} SQL")
        if _over(self.product.bytes, goal.bytes):
            missed.append(f"> {goal.bytes} bytes")
        if self.clients == 1 and _over(self.product.p95_ms, goal.p95_ms):
            missed.append(f"p95 > {goal.p95_ms:g} ms")
        if self.beside_list is not None and _over(abs(self.beside_list - 1), goal.like_list):
            missed.append(f"{self.beside_list:.2f} of the list")
        return missed

    def as_data(self) -> dict[str, Any]:
        return {
            "operation": self.operation,
            "clients": self.clients,
            "product": _cost(self.product),
            "floor": _cost(self.floor) if self.floor else None,
            "ratio": _rounded(self.ratio),
            "house": self.house and {**_rounded_all(vars(self.house)), "ratio": _rounded(self.house.ratio)},
            "statements": self.statements,
            "floor_statements": self.floor_statements,
            "goal": {name: value for name, value in vars(self.goal).items() if value is not None},
            "misses": self.misses(),
        }


def document(size: Size, lines: Sequence[Line], beside: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """What `last.json` holds.

    measured_at: when, in UTC. size: rows and requests. lines: one for each operation and number of clients at once,
    with CPU, times and bytes of a request on both sides, ratio, statements, goal and what of it is missed.
    beside: entering (microseconds), making (milliseconds), counting (microseconds), memory (MiB).
    """
    return {
        "measured_at": at.isoformat(timespec="seconds"),
        "size": vars(size),
        "lines": [line.as_data() for line in lines],
        "beside": dict(beside),
    }


def cost_of(blocks: Sequence[Block]) -> Cost:
    requests = sum(block.requests for block in blocks)
    web = sum(block.web_seconds for block in blocks) / requests * _MS
    database = sum(block.database_seconds for block in blocks) / requests * _MS
    times = [seconds * _MS for block in blocks for _, seconds in block.times]
    return Cost(
        cpu_ms=web + database,
        web_ms=web,
        database_ms=database,
        p50_ms=median(times),
        p95_ms=_p95(times),
        bytes=round(median(size for block in blocks for size in block.sizes)),
        noise=_noise(blocks),
        p95_by_label=_by_label(blocks),
    )


def _noise(blocks: Sequence[Block]) -> float:
    each = [(block.web_seconds + block.database_seconds) / block.requests for block in blocks]
    half = len(each) // 2
    return abs(mean(each[:half]) - mean(each[half:])) / mean(each) if half else 0.0


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def _by_label(blocks: Sequence[Block]) -> dict[str, float]:
    times: dict[str, list[float]] = {}
    for block in blocks:
        for label, seconds in block.times:
            times.setdefault(label, []).append(seconds * _MS)
    return {label: round(_p95(of), 1) for label, of in times.items() if label}


def _over(value: float | None, bound: float | None) -> bool:
    return value is not None and bound is not None and value > bound


def _cost(cost: Cost) -> dict[str, Any]:
    return {name: _rounded(value) if isinstance(value, float) else value for name, value in vars(cost).items()}


def _rounded_all(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _rounded(value) for name, value in values.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
