"""The table on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.operations import Goal
from benchmarks.results import HouseCost, Line

_HEADINGS = (
    "operation", "at once", "request: CPU ms", "web + db", "floor", "ratio", "house: CPU ms", "floor", "ratio",
    "SQL", "floor", "bytes", "p50 ms", "p95 ms", "noise", "goal", "",
)  # fmt: skip
_TO_THE_LEFT = {0, 15, 16}


def drawn(lines: Sequence[Line]) -> str:
    rows = [_HEADINGS, *(_cells(line) for line in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEADINGS))]
    return "\n".join(_joined(row, widths) for row in rows)


def beside(found: Mapping[str, Any]) -> str:
    """What is no request: one line each, with its goal."""
    entering, making, memory = found["entering"], found["making"], found["memory"]
    return "\n".join(
        [
            *_forwarded(found.get("forwarding")),
            *_at_rest(found.get("house")),
            *_troubled(found.get("troubles") or {}),
            *_backed_up(found.get("backups")),
            f"entering a tenant: driver +{entering['driver_us_one_tenant']:.1f} us, among all tenants "
            f"+{entering['driver_us_all_tenants']:.1f} us (goal 15); through the ORM +{entering['orm_cpu_us']:.0f} us "
            "CPU (goal 100)",
            f"counting the bytes of a request: +{found['counting']['request_cpu_us']:.1f} us CPU (goal 25)",
            f"making a tenant: {making['wall_ms']:.0f} ms, {making['database_cpu_ms']:.0f} ms CPU of the database "
            "(goal 200 ms)",
            f"after {memory['tenants']} tenants: {memory['backend']:.1f} MiB of a database backend's own (goal 60); "
            f"{memory['web']:.0f} MiB PSS of the web processes (goal 140), of the floor's {memory['web_floor']:.0f}",
        ]
    )


def _forwarded(found: Mapping[str, Any] | None) -> list[str]:
    if found is None:
        return []
    told, beside, crowd, capture = (found[name] for name in ("one_by_one", "beside_crowd", "crowd", "capture"))
    return [
        f"from a change to its notification: p50 {told['p50_ms']:.0f} ms, p99 {told['p99_ms']:.0f} ms (goal 100 and "
        f"500); while one tenant changes {crowd['changes']} rows, others wait {beside['p50_ms']:.0f} ms, at most "
        f"{beside['max_ms']:.0f} ms (goal 1000); {crowd['per_second']:.0f} changes a second",
        f"taking down a change: +{capture['one_us']:.0f} us CPU of the database for one inserted row, "
        f"+{capture['of_many_us']:.0f} us each of many",
    ]


def _at_rest(found: Mapping[str, Any] | None) -> list[str]:
    if found is None:
        return []
    rest = ", ".join(f"{name} {spent:.2f}" for name, spent in found["cpu_ms_a_second"].items())
    memory = ", ".join(f"{name} {size:.0f}" for name, size in found["pss_mib"].items())
    return [
        f"the house at rest: {found['cpu_ms_a_minute']:.0f} ms CPU a minute; in ms a second: {rest}",
        f"memory of the house: {found['pss_mib_of_all']:.0f} MiB PSS; {memory}",
    ]


def _troubled(found: Mapping[str, Mapping[str, float]]) -> list[str]:
    """With what becomes of the p99 of others; the goal is twice what it is in a quiet house."""
    return [
        f"others beside {name}: page p99 {one['page_p99_ms']:.0f} ms ({_times(one, found, 'page_p99_ms')}), told p99 "
        f"{one['told_p99_ms']:.0f} ms ({_times(one, found, 'told_p99_ms')}), import of two rows "
        f"{one['import_seconds']:.1f} s (goals 2x, 2x, 30 s)"
        for name, one in found.items()
    ]


def _backed_up(found: Mapping[str, float] | None) -> list[str]:
    if found is None:
        return []
    took = ", ".join(f"{step} {found[f'{step}_seconds']:.1f} s" for step in ("export", "verify", "import", "erase"))
    return [
        f"a firm of {found['rows']:.0f} rows and {found['files']:.0f} files of 1 MiB: {found['mib']:.0f} MiB; {took}; "
        f"{found['more_memory_mib']:.0f} MiB of memory on top"
    ]


def _times(one: Mapping[str, float], found: Mapping[str, Mapping[str, float]], name: str) -> str:
    return f"{one[name] / found['quiet'][name]:.1f}x"


def _joined(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if at in _TO_THE_LEFT else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _cells(line: Line) -> tuple[str, ...]:
    cost, floor = line.product, line.floor
    return (
        line.operation,
        str(line.clients),
        f"{cost.cpu_ms:.2f}",
        f"{cost.web_ms:.2f} + {cost.database_ms:.2f}",
        f"{floor.cpu_ms:.2f}" if floor else "-",
        f"{line.ratio:.2f}x" if line.ratio is not None else "-",
        *_house(line.house),
        _count(line.statements),
        _count(line.floor_statements),
        str(cost.bytes),
        f"{cost.p50_ms:.1f}",
        f"{cost.p95_ms:.1f}",
        f"{cost.noise:.0%}",
        _goal(line.goal),
        "; ".join(line.misses()) or "ok",
    )


def _house(cost: HouseCost | None) -> tuple[str, str, str]:
    if cost is None:
        return "-", "-", "-"
    return f"{cost.cpu_ms:.2f}", f"{cost.floor_cpu_ms:.2f}", f"{cost.ratio:.2f}x"


def _count(statements: float | None) -> str:
    return "-" if statements is None else f"{statements:g}"


def _goal(goal: Goal) -> str:
    words = [
        f"{goal.ratio:g}x" if goal.ratio is not None else "",
        f"{goal.statements} SQL" if goal.statements is not None else "",
        f"CPU {goal.cpu_ms:g} ms" if goal.cpu_ms is not None else "",
        f"p95 {goal.p95_ms:g} ms" if goal.p95_ms is not None else "",
        f"list ±{goal.like_list:.0%}" if goal.like_list is not None else "",
    ]
    return ", ".join(word for word in words if word)
