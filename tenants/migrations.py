"""Migrations as text: Alembic compiles the numbered files once, what goes to a schema is one message."""

from __future__ import annotations

from functools import cache
from io import StringIO
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

_ROOT = Path(__file__).resolve().parent.parent / "migrations"
PLATFORM_TREE, TENANT_TREE = "platform", "tenant"


@cache
def scripts(tree: str) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(_ROOT / tree))
    config.set_main_option("version_locations", str(_ROOT / tree))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


@cache
def head(tree: str) -> str:
    """The newest revision; there is one head or Alembic raises."""
    return scripts(tree).get_current_head() or "base"


@cache
def compiled(tree: str, *, since: str) -> str:
    """All steps from one revision to the head as one SQL text, with ``__schema__`` where the schema's name
    belongs.
    """
    out = StringIO()
    environment = EnvironmentContext(
        Config(), scripts(tree), fn=_steps(tree), as_sql=True, starting_rev=since, destination_rev="head"
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


def _steps(tree: str):  # type: ignore[no-untyped-def]
    return lambda revision, _context: scripts(tree)._upgrade_revs("head", revision)


def between(tree: str, *, since: str) -> list[str]:
    """The revisions still to go, oldest first."""
    return [step.revision for step in reversed(list(scripts(tree).iterate_revisions("head", since)))]
