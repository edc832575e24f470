"""What a command prints, sentences for people or with --json the same as data for programs; and what it asks."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

_JSON = "kontor.as_json"


def _remember(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
    ctx.meta[_JSON] = value


json_option = click.option(
    "--json", is_flag=True, expose_value=False, callback=_remember, help="Print data for programs."
)


def is_json() -> bool:
    """Whether the present command was asked for data."""
    return bool(click.get_current_context().meta[_JSON])


def say(data: Any, text: str) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2) if is_json() else text)


def progress(line: str) -> None:
    """Beside the answer, so that a program can read that alone."""
    click.echo(line, err=True)


def typed_password() -> str:
    """Asked for twice where a person sits there, else the first line of the input."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
