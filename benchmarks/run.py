"""One run from the first process to the table."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import cluster, drive, household, journeys, processes, results, samples, servers, statements, table
from benchmarks.client import Client, Request
from benchmarks.drive import Block, Target
from benchmarks.household import Household
from benchmarks.journeys import Journey
from benchmarks.operations import CONTACTS, OPERATIONS, Goal, Operation, Side
from benchmarks.results import Line, cost_of
from benchmarks.samples import Samples
from benchmarks.sizes import OWNER, PROGRAM, SLUG, Size, small_slug
from deploy.local import leftovers
from deploy.local.given import ROOT
from deploy.local.progress import Progress

AT_ONCE = (1, 8)
JOURNEYS = ("sign-up", "import")
FORWARDING = "forwarding"
TROUBLES = "troubles"
BACKUPS = "backups"
_COUNTED = 5
_SIGN_UPS, _IMPORTS = 12, 3
_NEXT = re.compile(r'href="([^"]+)" rel="next"')


@dataclass
class House:
    """Everything that runs while we measure."""

    folder: Path
    size: Size
    environment: Mapping[str, str]
    product: Target
    floor: Target
    samples: Samples
    progress: Progress
    list_cpu: dict[int, float] = field(default_factory=dict)
    """The list's own CPU, by clients at once; other pages are compared with it."""

    @property
    def targets(self) -> list[Target]:
        return [self.product, self.floor]

    @property
    def database_url(self) -> str:
        return self.environment["PROVISIONER_URL"]

    def forget_limits(self) -> None:
        """One program may not ask so much."""
        journeys.forget_limits(self.environment["REDIS_URL"])

    def prepare(self, operation: Operation) -> None:
        """A deep page is reached by walking there, as people do."""
        if operation.name == "deep page":
            for target in self.targets:
                target.side.deep = _walk(target, self.size.deep_page)


@contextmanager
def opened(folder: Path, size: Size, progress: Progress) -> Iterator[House]:
    """Databases, both web servers, and eight clients logged in at each."""
    with cluster.running(folder, size, progress) as environment:
        progress.say("Starting the web servers ...")
        postmaster = int((folder / "working/postgres/data/postmaster.pid").read_text().splitlines()[0])
        product, floor = Side("product", servers.free_port()), Side("floor", servers.free_port())
        with (
            servers.web("wsgi:app", environment, port=product.port, log=folder / "product.log") as product_web,
            servers.web(
                "benchmarks.floor.app:app",
                environment,
                port=floor.port,
                log=folder / "floor.log",
                worker_class=servers.BARE,
            ) as bare,
        ):
            yield House(
                folder=folder,
                size=size,
                environment=environment,
                product=_target(product, product_web, postmaster, bearer=_token(environment)),
                floor=_target(floor, bare, postmaster, bearer=PROGRAM),
                samples=samples.chosen(environment["PROVISIONER_URL"], contacts=size.contacts),
                progress=progress,
            )


def measure(house: House, wanted: Sequence[str]) -> dict[str, Any]:
    """All operations that are asked for, and what no request shows; draws the table."""
    lines = []
    for operation in OPERATIONS:
        if operation.name in wanted:
            lines += _lines(house, operation)
    lines, household_at_rest = _with_household(house, lines)
    if set(wanted) & set(JOURNEYS):
        lines += _journeys(house, wanted)
    house.progress.say("Looking inside ...")
    beside = {**_inside(house), "memory": _memory(house), "house": household_at_rest}
    if FORWARDING in wanted:
        beside["forwarding"] = _forwarding(house)
    if BACKUPS in wanted:
        house.progress.say("Measuring the backup of the largest firm ...")
        beside["backups"] = _printed(house, "benchmarks.backups")
    if TROUBLES in wanted:
        beside["troubles"] = _troubles(house)
    sys.stdout.write(f"\n{table.drawn(lines)}\n\n{table.beside(beside)}\n")
    return results.document(house.size, lines, beside, at=datetime.now(UTC))


def _token(environment: Mapping[str, str]) -> str:
    """With which a program of the owner's may do everything."""
    command = [sys.executable, "-c", "from app.cli import main; main()", "tokens", "create", SLUG, "--json"]
    given = ["--user", OWNER, "--scopes", "*"]
    done = subprocess.run([*command, *given], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)["token"])


def _target(side: Side, web: int, postmaster: int, *, bearer: str) -> Target:
    first = Client(side.port, bearer=bearer)
    first.log_in()
    first.begin(f"/{SLUG}/")
    return Target(side, web, postmaster, [first, *(first.twin() for _ in range(max(AT_ONCE) - 1))])


def _lines(house: House, operation: Operation) -> list[Line]:
    house.progress.say(f"Measuring {operation.name} ...")
    house.prepare(operation)
    seen = {target.side.name: _statements(house, target, operation) for target in house.targets}
    return [_line(house, operation, seen, at_once=clients) for clients in AT_ONCE]


def _line(house: House, operation: Operation, seen: Mapping[str, float], *, at_once: int) -> Line:
    blocks = drive.interleaved(operation, house, at_once=at_once)
    product = cost_of(blocks["product"])
    if operation.name == "list":
        house.list_cpu[at_once] = product.cpu_ms
    return Line(
        operation=operation.name,
        clients=at_once,
        product=product,
        floor=cost_of(blocks["floor"]),
        statements=seen["product"],
        floor_statements=seen["floor"],
        goal=operation.goal,
        beside_list=product.cpu_ms / house.list_cpu[at_once] if at_once in house.list_cpu else None,
    )


def _with_household(house: House, lines: Sequence[Line]) -> tuple[list[Line], dict[str, object]]:
    """The same lines with the column *house*, and what the house costs at rest."""
    folder, postgres = house.folder / "working", {"postgres": house.product.postmaster}
    (valkey,) = leftovers.holders_of_valkey((folder / "valkey").resolve())
    house.progress.say("Looking at the whole house at rest ...")
    with servers.rest_of_house(house.environment, folder=folder) as others:
        kept = household.at_rest(
            {"web": house.product.web, **others, **postgres, "valkey": valkey},
            {"floor": house.floor.web, **postgres},
            database_url=house.database_url,
        )
        at_rest = household.described(kept)
        return [_in_household(house, kept, line) for line in lines], at_rest


def _in_household(house: House, kept: Household, line: Line) -> Line:
    """One client at a time tells as much as eight."""
    if line.clients > 1:
        return line
    house.progress.say(f"Measuring {line.operation} in the whole house ...")
    operation = next(one for one in OPERATIONS if one.name == line.operation)
    return replace(line, house=household.cost(operation, kept, house))


def _statements(house: House, target: Target, operation: Operation) -> float:
    requests = [operation.request(target.side, house.samples) for _ in range(2 * _COUNTED)]
    target.run(requests[:_COUNTED], at_once=1)
    return statements.counted(house.database_url, lambda: _run(target, requests[_COUNTED:])) / _COUNTED


def _run(target: Target, requests: Sequence[Request]) -> None:
    target.run(requests, at_once=1)


def _walk(target: Target, pages: int) -> str:
    path = CONTACTS
    for _ in range(pages - 1):
        found = _NEXT.search(target.clients[0].send(Request(path=path)).text)
        if found is None:
            raise RuntimeError(f"The list of the {target.side.name} ends before page {pages}.")
        path = found[1].replace("&amp;", "&")
    return path


def _journeys(house: House, wanted: Sequence[str]) -> list[Line]:
    log = Path(house.environment["KONTOR_HOME"]).with_name("worker.log")
    with servers.worker(house.environment, log=log) as worker:
        journey = Journey(
            target=house.product,
            database_url=house.database_url,
            redis_url=house.environment["REDIS_URL"],
            worker=worker,
        )
        lines = [_sign_ups(house, journey)] if "sign-up" in wanted else []
        return [*lines, _imports(house, journey)] if "import" in wanted else lines


def _sign_ups(house: House, journey: Journey) -> Line:
    house.progress.say("Measuring sign-up ...")
    blocks = [journeys.sign_up(journey, number) for number in range(_SIGN_UPS + 1)][1:]
    return _journey_line("sign-up", blocks, None, Goal(p95_ms=1000))


def _imports(house: House, journey: Journey) -> Line:
    house.progress.say(f"Measuring the import of {house.size.imported} rows ...")
    blocks, bare = [], []
    for number in range(_IMPORTS + 1):
        blocks.append(journeys.import_list(journey, house.size.imported, number))
        bare.append(journeys.copy_list(house.floor, house.size.imported, number))
    goal = Goal(p95_ms=1200 * house.size.imported / 10_000, cpu_ms=1200 * house.size.imported / 10_000)
    return _journey_line(f"import of {house.size.imported}", blocks[1:], bare[1:], goal)


def _journey_line(name: str, blocks: Sequence[Block], bare: Sequence[Block] | None, goal: Goal) -> Line:
    return Line(
        operation=name,
        clients=1,
        product=cost_of(blocks),
        floor=cost_of(bare) if bare else None,
        statements=None,
        floor_statements=None,
        goal=goal,
    )


def _forwarding(house: House) -> dict[str, Any]:
    """With the relay and a single worker, as the smallest house has them."""
    house.progress.say("Measuring how long it takes until somebody is told ...")
    folder = Path(house.environment["KONTOR_HOME"]).parent
    with (
        servers.worker(house.environment, log=folder / "worker.log"),
        servers.scheduler(house.environment, log=folder / "scheduler.log"),
    ):
        return _printed(house, "benchmarks.forwarding", str(house.size.tenants), str(house.size.imported))


def _troubles(house: House) -> dict[str, Any]:
    """In a house whose mail server never answers."""
    house.progress.say("Measuring how others fare while one asks for too much ...")
    folder = Path(house.environment["KONTOR_HOME"]).parent
    with servers.silent() as port:
        told = {"SMTP_URL": f"smtp://127.0.0.1:{port}", "KONTOR_LOOPBACK_WEBHOOKS": "1"}
        with servers.revived_house({**house.environment, **told}, folder=folder):
            house.forget_limits()
            return _printed(house, "benchmarks.beside", str(house.product.side.port), str(port), settings=told)


def _inside(house: House) -> dict[str, Any]:
    return _printed(house, "benchmarks.inside")


def _printed(house: House, module: str, *arguments: str, settings: Mapping[str, str] | None = None) -> dict[str, Any]:
    command = [sys.executable, "-m", module, *arguments]
    environment = {**house.environment, **(settings or {})}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _memory(house: House) -> dict[str, float]:
    """MiB after every tenant was visited: of all processes of each web server, of the largest backend alone."""
    for number in range(house.size.tenants):
        for client in house.product.clients:
            client.send(Request(path=f"/{small_slug(number)}/contacts"))
    own = [processes.own_mib(pid) for pid in processes.backends(house.product.postmaster)]
    web = {target.side.name: processes.pss_mib(processes.children(target.web)) for target in house.targets}
    return {"tenants": house.size.tenants, "backend": max(own), "web": web["product"], "web_floor": web["floor"]}
