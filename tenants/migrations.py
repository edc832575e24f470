"""Migrations as text: Alembic compiles the numbered files once, what goes to a schema is one message."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config import lazily
from migrations.steps import Index, Step

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

_ROOT = Path(__file__).resolve().parent.parent / "migrations"
PLATFORM_TREE, TENANT_TREE = "platform", "tenant"


@cache
def scripts(tree: str) -> ScriptDirectory:
    config = lazily.module("alembic.config").Config()
    config.set_main_option("script_location", str(_ROOT / tree))
    config.set_main_option("version_locations", str(_ROOT / tree))
    config.set_main_option("path_separator", "os")
    found: ScriptDirectory = lazily.module("alembic.script").ScriptDirectory.from_config(config)
    return found


@cache
def head(tree: str) -> str:
    """The newest revision. Files are called by their revision, so that who only asks for it loads no Alembic."""
    return max(file.name.partition("_")[0] for file in (_ROOT / tree).glob("[0-9]*_*.py"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A part of the way: one transaction, then the steps that do not fit into one."""

    until: str
    sql: str
    afterwards: tuple[Step, ...]


@cache
def stages(tree: str, *, since: str, until: str | None = None) -> tuple[Stage, ...]:
    """From one revision to another, the head if none is named. A stage ends where a file declares steps for afterwards
    (migrations/steps.py).
    """
    found: list[Stage] = []
    begin = since
    last = until or head(tree)
    for script in reversed(list(scripts(tree).iterate_revisions(last, since))):
        afterwards = tuple(getattr(script.module, "afterwards", ()))
        if afterwards or script.revision == last:
            sql = compiled(tree, since=begin, until=script.revision)
            found.append(Stage(until=script.revision, sql=sql, afterwards=afterwards))
            begin = script.revision
    return tuple(found)


def compiled_for_new(tree: str, *, until: str | None = None) -> str:
    """All of it in one transaction, for a schema in which nobody works yet and nothing is stored."""
    return "".join(
        stage.sql + "".join(f"{step.statement};\n" for step in stage.afterwards if isinstance(step, Index))
        for stage in stages(tree, since="base", until=until)
    )


@cache
def compiled(tree: str, *, since: str, until: str = "head") -> str:
    """All transactions from one revision to another as one SQL text, with ``__schema__`` where the schema's name
    belongs.
    """
    out = StringIO()
    environment = lazily.module("alembic.runtime.environment").EnvironmentContext(
        lazily.module("alembic.config").Config(),
        scripts(tree),
        fn=_steps(tree, until),
        as_sql=True,
        starting_rev=since,
        destination_rev=until,
    )
    with environment:
        environment.configure(
            dialect_name="postgresql",
            output_buffer=out,
            transactional_ddl=False,
            version_table_schema="__schema__",
            dialect_opts={"paramstyle": "named"},
        )
        environment.run_migrations()
    return out.getvalue()


def _steps(tree: str, until: str) -> Any:
    return lambda revision, _context: scripts(tree)._upgrade_revs(until, revision)


def is_known(tree: str, revision: str) -> bool:
    """Whether this version of the program has heard of it."""
    return any(file.name.startswith(f"{revision}_") for file in (_ROOT / tree).glob("[0-9]*_*.py"))


def between(tree: str, *, since: str) -> list[str]:
    """The revisions still to go, oldest first."""
    return [step.revision for step in reversed(list(scripts(tree).iterate_revisions("head", since)))]
