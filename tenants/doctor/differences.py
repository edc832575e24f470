"""How a schema differs from what the migrations make, and the statement that mends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tenants.doctor.shapes import SCHEMA, Part, Shape

_LONGEST = 160
_DEFINITION = re.compile(r"(?P<type>.*?)(?: DEFAULT (?P<default>.*?))?(?: GENERATED AS IDENTITY)?(?P<null> NOT NULL)?")
_KEEP = "-- Holds what people entered, so look first: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    part: Part
    wanted: str | None
    """As the migrations make it; None for what they do not know."""

    found: str | None
    """As it is; None where it is missing."""

    def sentence(self, where: str) -> str:
        name = f"{self.part.table}.{self.part.name}" if self.part.table else self.part.name
        thing = f"the {self.part.kind} {self.part.table if self.part.kind == 'table' else name}"
        if self.found is None:
            return f"Missing in {where}: {thing}."
        if self.wanted is None:
            return f"Not ours in {where}: {thing}."
        return f"Different in {where}: {thing} is {_short(self.found)} instead of {_short(self.wanted)}."

    def statement(self, schema: str) -> str:
        """To be run as the owner of all schemas."""
        return _STATEMENTS[self.part.kind](self).replace(SCHEMA, schema)


def compare(wanted: Shape, found: Shape) -> Iterator[Difference]:
    """In the order in which they can be mended. Of a table that is missing or not ours nothing else is told."""
    tables = {part.table for part in wanted.keys() ^ found.keys() if part.kind == "table"}
    for part in sorted(wanted.keys() | found.keys(), key=lambda part: (_ORDER.index(part.kind), part)):
        if wanted.get(part) != found.get(part) and (part.kind == "table" or part.table not in tables):
            yield Difference(part=part, wanted=wanted.get(part), found=found.get(part))


def _short(definition: str) -> str:
    plain = " ".join(definition.replace(f"{SCHEMA}.", "").split())
    return f"“{plain}”" if len(plain) <= _LONGEST else f"“{plain[:_LONGEST]} ...”"


def _table(one: Difference) -> str:
    table = f"{SCHEMA}.{one.part.table}"
    if one.found is None:
        return f"-- Restore it from a backup: pg_restore --schema={SCHEMA} --table={one.part.table} ...;"
    if one.wanted is None:
        return f"{_KEEP}DROP TABLE {table};"
    return f"ALTER TABLE {table} OWNER TO {one.wanted.split()[2]};"


def _column(one: Difference) -> str:
    alter = f"ALTER TABLE {SCHEMA}.{one.part.table}"
    if one.wanted is None:
        return f"{_KEEP}{alter} DROP COLUMN {one.part.name};"
    if one.found is None:
        return _added(alter, one.part.name, one.wanted)
    return f"{alter} {', '.join(_altered(one.part.name, one.wanted, one.found))};"


def _added(alter: str, name: str, wanted: str) -> str:
    """Rows that are there have nothing for it unless it has a default."""
    if not wanted.endswith(" NOT NULL") or " DEFAULT " in wanted:
        return f"{alter} ADD COLUMN {name} {wanted};"
    fill = f"-- Fill it, then: {alter} ALTER COLUMN {name} SET NOT NULL;"
    return f"{alter} ADD COLUMN {name} {wanted.removesuffix(' NOT NULL')}; {fill}"


def _altered(name: str, wanted: str, found: str) -> Iterator[str]:
    here, there = _DEFINITION.fullmatch(wanted), _DEFINITION.fullmatch(found)
    if here is None or there is None:
        return
    if here["type"] != there["type"]:
        yield f"ALTER COLUMN {name} TYPE {here['type']}"
    if here["default"] != there["default"]:
        yield f"ALTER COLUMN {name} " + (f"SET DEFAULT {here['default']}" if here["default"] else "DROP DEFAULT")
    if here["null"] != there["null"]:
        yield f"ALTER COLUMN {name} {'SET' if here['null'] else 'DROP'} NOT NULL"


def _index(one: Difference) -> str:
    drop = f"DROP INDEX {SCHEMA}.{one.part.name};" if one.found is not None else ""
    return f"{drop} {one.wanted};".strip() if one.wanted is not None else drop


def _constraint(one: Difference) -> str:
    alter = f"ALTER TABLE {SCHEMA}.{one.part.table}"
    drop = f"{alter} DROP CONSTRAINT {one.part.name};" if one.found is not None else ""
    return f"{drop} {alter} ADD CONSTRAINT {one.part.name} {one.wanted};".strip() if one.wanted is not None else drop


def _trigger(one: Difference) -> str:
    drop = f"DROP TRIGGER {one.part.name} ON {SCHEMA}.{one.part.table};" if one.found is not None else ""
    return f"{drop} {one.wanted};".strip() if one.wanted is not None else drop


def _function(one: Difference) -> str:
    if one.wanted is None:
        return f"DROP FUNCTION {SCHEMA}.{one.part.name};"
    definition, _, owner = one.wanted.rpartition(" of ")
    return f"{definition.strip()}; ALTER FUNCTION {SCHEMA}.{one.part.name} OWNER TO {owner};"


def _grant(one: Difference) -> str:
    right, _, role = one.part.name.rpartition(" TO ")
    if one.found is None:
        return f"GRANT {right} ON {SCHEMA}.{one.part.table} TO {role};"
    return f"REVOKE {right} ON {SCHEMA}.{one.part.table} FROM {role};"


def _function_grant(one: Difference) -> str:
    function, _, rest = one.part.name.rpartition(") ")
    right, _, role = rest.rpartition(" TO ")
    if one.found is None:
        return f"GRANT {right} ON FUNCTION {SCHEMA}.{function}) TO {role};"
    return f"REVOKE {right} ON FUNCTION {SCHEMA}.{function}) FROM {role};"


_STATEMENTS = {
    "table": _table,
    "column": _column,
    "constraint": _constraint,
    "index": _index,
    "function": _function,
    "trigger": _trigger,
    "grant": _grant,
    "function grant": _function_grant,
}
_ORDER = tuple(_STATEMENTS)
