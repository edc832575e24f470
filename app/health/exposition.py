"""The page that Prometheus reads (text format 0.0.4). Names nobody: routes are patterns, tenants are counted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.core.measuring import BOUNDS, REQUEST, SECONDS, STATEMENTS
from tenants import backlog, clock, figures, isolation, tally
from tenants.tally import Totals

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[dict[str, str], float]


def page() -> str:
    lines = [line for part in (_requests_of_all, _work, _helpers, _tenants, _memory) for line in part()]
    return "\n".join(lines) + "\n"


def _family(name: str, kind: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    """One metric with all its samples; none when nothing is known."""
    lines = [f"{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
    if lines:
        yield f"# HELP {name} {meaning}"
        yield f"# TYPE {name} {kind}"
        yield from lines


def _requests_of_all() -> Iterator[str]:
    counted = tally.totals()
    yield from _histogram(counted)
    statements = ((_of(series), numbers[STATEMENTS]) for series, numbers in _requests(counted))
    yield from _family("kontor_sql_statements_total", "counter", "SQL statements of requests.", statements)
    in_use = (({"pool": series[1]}, now[0]) for series, now in counted.items() if series[0] == tally.AT_PRESENT)
    yield from _family("kontor_pool_connections_in_use", "gauge", "Database connections at work.", in_use)


def _histogram(counted: Totals) -> Iterator[str]:
    name = "kontor_request_seconds"
    found = _requests(counted)
    if found:
        yield f"# HELP {name} How long requests took."
        yield f"# TYPE {name} histogram"
    for series, numbers in found:
        labels, reached = _of(series), 0.0
        for bound, amount in zip((*map(str, BOUNDS), "+Inf"), numbers, strict=False):
            reached += amount
            yield f"{name}_bucket{_labels({**labels, 'le': bound})} {_number(reached)}"
        yield f"{name}_sum{_labels(labels)} {_number(numbers[SECONDS])}"
        yield f"{name}_count{_labels(labels)} {_number(reached)}"


def _requests(counted: Totals) -> list[tuple[tuple[str, ...], list[float]]]:
    return sorted((series, numbers) for series, numbers in counted.items() if series[0] == REQUEST)


def _of(series: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(("method", "route", "status"), series[1:], strict=True))


def _work() -> Iterator[str]:
    """As the scheduler counted it last: nothing here visits a tenant."""
    found, now = backlog.backlog(), clock.now()
    waiting = (({"lane": work.value}, float(lane.number)) for work, lane in found.lanes.items())
    yield from _family("kontor_waiting", "gauge", "Work that is not done yet, by lane.", waiting)
    oldest = (({"lane": work.value}, lane.overdue.total_seconds()) for work, lane in found.lanes.items())
    yield from _family("kontor_oldest_waiting_seconds", "gauge", "For how long the oldest is due, by lane.", oldest)
    age: list[Sample] = [({}, (now - found.counted_at).total_seconds())] if found.counted_at else []
    yield from _family("kontor_counted_seconds", "gauge", "How long ago was counted what waits.", age)
    ended = (({"outcome": outcome}, float(count)) for outcome, count in figures.jobs_ended().items())
    yield from _family("kontor_jobs_total", "counter", "Runs of jobs, by how they ended.", ended)
    failed = (({"work": work}, float(count)) for work, count in sorted(isolation.failures().items()))
    meaning = "Failures that held up nobody else, by kind of work."
    yield from _family("kontor_isolated_failures_total", "counter", meaning, failed)


def _helpers() -> Iterator[str]:
    alive = figures.alive()
    yield from _family("kontor_redis_up", "gauge", "Whether Redis answers.", [({}, float(alive is not None))])
    if alive is not None:
        yield from _family("kontor_workers", "gauge", "Workers that are alive.", [({}, float(alive.workers))])
        schedulers: list[Sample] = [({}, float(alive.scheduler))]
        yield from _family("kontor_scheduler_alive", "gauge", "Whether a scheduler is alive.", schedulers)


def _tenants() -> Iterator[str]:
    by_status = (({"status": status}, float(count)) for status, count in figures.tenants_by_status().items())
    yield from _family("kontor_tenants", "gauge", "Tenants, by status.", by_status)
    behind: list[Sample] = [({}, float(figures.tenants_behind()))]
    yield from _family("kontor_tenants_behind", "gauge", "Schemas at another revision than the program.", behind)
    troubles = (({"trouble": kind}, float(count)) for kind, count in figures.tenants_in_trouble().items())
    yield from _family("kontor_tenants_in_trouble", "gauge", "Tenants in trouble, by kind.", troubles)
    failed: list[Sample] = [({}, float(figures.requests_failed()))]
    yield from _family("kontor_requests_failed_last_day", "gauge", "Requests of tenants that ended with 500.", failed)


def _memory() -> Iterator[str]:
    """Of the web processes together; where the system does not say, nothing is told."""
    pages = [int(path.read_text().split()[1]) for path in _memory_files() if path.exists()]
    known: list[Sample] = [({}, float(sum(pages) * os.sysconf("SC_PAGE_SIZE")))] if pages else []
    yield from _family("kontor_process_memory_bytes", "gauge", "Resident memory of the web processes.", known)
    yield from _family("kontor_web_processes", "gauge", "Web processes at work.", [({}, len(tally.processes()))])


def _memory_files() -> list[Path]:
    return [Path(f"/proc/{process}/statm") for process in tally.processes()]


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
