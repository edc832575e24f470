"""The processes of a server, as commands: each runs until it is told to stop, from its environment alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import click

import config
from app import schedule, worker
from app.factory import create_app
from config import binding
from config.server import LIVE_BIND, WEB_BIND, server_settings
from config.settings import SettingsRefused, without_provisioner
from tenants import engines, health
from tenants.lanes import Lane

_CONFIG = Path(config.__file__).parent
_ROOT = _CONFIG.parent


@click.command("web")
def web() -> NoReturn:
    """Answer pages and programs until told to stop. Refuses where the platform's schema is older than the program."""
    without_provisioner("web")
    binding.see_that_it_is_free(server_settings(default_bind=WEB_BIND).bind)
    with create_app().app_context():
        health.refuse_old_schema()
    _become_gunicorn("gunicorn.py", "wsgi:app")


@click.command("live")
def live() -> NoReturn:
    """Tell open pages what changes until told to stop."""
    without_provisioner("live")
    binding.see_that_it_is_free(server_settings(default_bind=LIVE_BIND).bind)
    _become_gunicorn("live_server.py", "app.live:create_app()")


@click.command("worker")
@click.option(
    "--lane",
    "lanes",
    multiple=True,
    type=click.Choice([lane.value for lane in Lane]),
    help="Serve only these, in this order.",
)
def work(lanes: tuple[str, ...]) -> None:
    """Do the work of all tenants until told to stop."""
    without_provisioner("worker")
    worker.run(create_app(), [Lane(lane) for lane in lanes])


@click.command("scheduler")
def do_what_is_due() -> None:
    """Do what is due at its time until told to stop; a second scheduler waits."""
    if not engines.has_provisioner():
        raise SettingsRefused("PROVISIONER_URL is not set, so no room for new firms could be made ready.")
    schedule.run(create_app())


COMMANDS = (web, live, work, do_what_is_due)


def _become_gunicorn(options: str, application: str) -> NoReturn:
    """The same process, so that whoever started it also stops it."""
    sys.stdout.flush()
    command = [sys.executable, "-m", "gunicorn", "--chdir", str(_ROOT), "-c", str(_CONFIG / options), application]
    os.execv(sys.executable, command)
