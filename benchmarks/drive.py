"""Requests in turns: a block to the product, a block to the floor, and again, so that both meet the same weather."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks import processes
from benchmarks.client import Answer, Client, Request
from benchmarks.operations import Operation, Side
from benchmarks.samples import Samples
from benchmarks.sizes import Size


@dataclass(frozen=True, kw_only=True)
class Block:
    """What a block of requests cost."""

    requests: int
    web_seconds: float
    database_seconds: float
    times: Sequence[tuple[str, float]]
    """(label, seconds) of each."""

    sizes: Sequence[int]


@dataclass
class Target:
    """One side, with its processes and the clients that are logged in there."""

    side: Side
    web: int
    postmaster: int
    clients: list[Client] = field(default_factory=list)

    def run(self, requests: Sequence[Request], *, at_once: int) -> Block:
        web, database = self.cpu()
        answers = self._send(requests, at_once=at_once)
        web_after, database_after = self.cpu()
        return Block(
            requests=len(requests),
            web_seconds=web_after - web,
            database_seconds=database_after - database,
            times=[(request.label, answer.seconds) for request, answer in answers],
            sizes=[answer.size for _, answer in answers],
        )

    def cpu(self) -> tuple[float, float]:
        return (
            processes.cpu_seconds(processes.family(self.web)),
            processes.cpu_seconds(processes.backends(self.postmaster)),
        )

    def _send(self, requests: Sequence[Request], *, at_once: int) -> list[tuple[Request, Answer]]:
        if at_once == 1:
            return [(request, self.clients[0].send(request)) for request in requests]
        with ThreadPoolExecutor(at_once) as pool:
            shares = pool.map(_send_all, self.clients, [requests[n::at_once] for n in range(at_once)])
            return [answered for share in shares for answered in share]


class Measured(Protocol):
    @property
    def size(self) -> Size: ...
    @property
    def samples(self) -> Samples: ...
    @property
    def targets(self) -> Sequence[Target]: ...

    def forget_limits(self) -> None: ...


def _send_all(client: Client, requests: Sequence[Request]) -> list[tuple[Request, Answer]]:
    return [(request, client.send(request)) for request in requests]


def interleaved(operation: Operation, house: Measured, *, at_once: int) -> dict[str, list[Block]]:
    """The blocks of each side, after some requests that count for nothing."""
    found: dict[str, list[Block]] = {target.side.name: [] for target in house.targets}
    for number in range(house.size.rounds + 1):
        house.forget_limits()
        for target in house.targets:
            requests = [operation.request(target.side, house.samples) for _ in range(house.size.block)]
            done = target.run(requests, at_once=at_once)
            if number:
                found[target.side.name].append(done)
    return found
