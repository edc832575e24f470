"""The command line, as somebody types it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Protocol
from unittest.mock import patch

from click.testing import CliRunner
from flask import Flask

_ROOT = Path(__file__).resolve().parents[1]
_SECONDS = 60


class Said(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


class Kontor(Protocol):
    def __call__(self, *arguments: str, typed: str = "", **environment: str) -> Said: ...


def command_line(app: Flask) -> Kontor:
    """On the product of the tests, whose start would take longer than any command; in a process of its own where its
    environment is another.
    """

    def kontor(*arguments: str, typed: str = "", **environment: str) -> Said:
        return _apart(arguments, typed, environment) if environment else _here(app, arguments, typed)

    return kontor


def _here(app: Flask, arguments: tuple[str, ...], typed: str) -> Said:
    from app import backups, cli, operator_accounts

    with ExitStack() as patched:
        for module in (cli, backups, operator_accounts):
            patched.enter_context(patch.object(module, "create_app", lambda: app))
        done = CliRunner().invoke(cli.main, arguments, input=typed)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(done.exit_code, done.stdout, done.stderr)


def _apart(arguments: tuple[str, ...], typed: str, environment: dict[str, str]) -> Said:
    done = subprocess.run(
        [sys.executable, "-c", "from app.cli import main; main()", *arguments],
        cwd=_ROOT,
        env={**os.environ, **environment},
        input=typed,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)
