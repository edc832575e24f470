"""Start the whole house and keep it running: databases, web, worker, scheduler. People use `./run`.

`python -m deploy.local.launch start [--once] [--since SECONDS]` and `python -m deploy.local.launch kontor ARGUMENT ...`
"""

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from config import logins
from deploy.local import embedded, failures, given, occupancy, prepared, stopping, tied
from deploy.local.children import STOP_SECONDS, Child, Children
from deploy.local.failures import CannotStart
from deploy.local.given import ROOT, Given
from deploy.local.progress import Progress
from deploy.local.revival import Revival
from deploy.local.server import Server

_KONTOR = [sys.executable, str(Path(sys.executable).with_name("kontor"))]
_READY_SECONDS = 180
_MOST_ENDS = 5
"""So often the web server may end before it has answered for the first time."""

_MEGABYTES_FOR_A_CLUSTER = 200
_WORKER_STOP_SECONDS = "2"
"""So that a worker can give its job back before it would be killed."""


def main(arguments: list[str]) -> int:
    word, *rest = arguments
    try:
        return run_command(given.read(), rest) if word == "kontor" else start(given.read(), rest)
    except CannotStart as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def start(what: Given, options: list[str]) -> int:
    """
    1. Hold the data folder and the port.
    2. Start the databases, bring them up to date, add the demo.
    3. Start the web and wait until it answers; then worker and scheduler, which nobody waits for.
    4. Watch them until someone says stop, then stop all in reverse order.
    """
    once = "--once" in options
    progress = Progress(since=float(options[options.index("--since") + 1]) if "--since" in options else None)
    stopping.on_signals()
    with ExitStack() as house:
        house.enter_context(occupancy.the_only_one_on_its_port(what))
        environment, databases = house.enter_context(_databases(what, progress, port=what.port))
        provisioner = _provisioner(what)
        demo = prepared.said_last_time(what) or _prepare(what, environment | provisioner, progress)
        children = Children(environment=environment, folder=ROOT, progress=progress, databases=databases)
        house.enter_context(_stopping(children, progress))
        web, *others = processes_of(what, live_port=_live_port(environment))
        _wait_until_ready(what.port, children, children.start(web))
        for child in others:
            children.start(child)
        progress.write(_welcome(what, demo, seconds=progress.seconds))
        return _finish(children, once=once)


def _prepare(what: Given, environment: Mapping[str, str], progress: Progress) -> str:
    progress.say("Bringing the database up to date ...")
    _kontor(["migrate"], environment)
    demo = _kontor(["demo", "--json"], environment)
    prepared.remember(what, demo)
    return demo


def run_command(what: Given, arguments: list[str]) -> int:
    """The command line of the product, on the databases of the running house or on ones started for it."""
    with ExitStack() as house:
        try:
            house.enter_context(occupancy.the_only_one(what))
            quiet = Progress(stream=sys.stderr)
            environment, _ = house.enter_context(_databases(what, quiet, port=what.port))
        except occupancy.AlreadyRunning:
            environment = _environment(what, _urls(what), port=occupancy.last_port(what))
        knowing = environment | _provisioner(what)
        return subprocess.run([*_KONTOR, *arguments], env=knowing, check=False).returncode


def processes_of(what: Given, *, live_port: int) -> list[Child]:
    """Each knows only what it needs: who answers strangers cannot create or drop anything in the database."""
    return [
        Child("web", [*_KONTOR, "web"], knows={"BIND": f"127.0.0.1:{what.port}"}),
        # A long job, or a stranger who is slow to answer, shall not keep anybody from being told.
        Child("forwarder", [*_KONTOR, "worker", *_lanes("turns", "bulk")]),
        Child("worker", [*_KONTOR, "worker", *_lanes("jobs", "webhooks", "bulk", "turns", "webhooks-again")]),
        # A mail server that accepts and stays silent holds up mails alone.
        Child("mailer", [*_KONTOR, "worker", *_lanes("mails", "mails-again")]),
        Child("scheduler", [*_KONTOR, "scheduler"], knows=_provisioner(what)),
        Child("live", [*_KONTOR, "live"], knows={"BIND": f"127.0.0.1:{live_port}"}),
    ]


def _lanes(*names: str) -> list[str]:
    """The first is emptied before the second is looked at."""
    return [argument for name in names for argument in ("--lane", name)]


@contextmanager
def _databases(what: Given, progress: Progress, *, port: int) -> Iterator[tuple[dict[str, str], list[Server]]]:
    """The environment for all other processes, and the databases that are ours to look after."""
    with ExitStack() as stack:
        servers = []
        if what.provisioner_url is None:
            _check_room(what)
            progress.say("Starting PostgreSQL ...")
            servers.append(stack.enter_context(embedded.run_postgres(what.postgres_folder, durable=True)))
        if what.redis_url is None:
            progress.say("Starting Valkey ...")
            servers.append(stack.enter_context(embedded.run_valkey(what.valkey_folder, durable=True)))
        yield _environment(what, _urls(what), port=port), servers


def _check_room(what: Given) -> None:
    if not (what.postgres_folder / "data").exists():
        failures.check_room(what.home, megabytes=_MEGABYTES_FOR_A_CLUSTER, purpose="a new database needs")


def _provisioner(what: Given) -> dict[str, str]:
    """For those who may create roles and schemas."""
    return {"PROVISIONER_URL": what.provisioner_url or embedded.database_url(what.postgres_folder)}


def _urls(what: Given) -> dict[str, str]:
    """Our own PostgreSQL asks nobody on this machine for a password; that of somebody else does."""
    password = _secret(what.home, "logins") if what.provisioner_url else None
    redis_url = what.redis_url or embedded.redis_url(what.valkey_folder)
    return {**logins.addresses(_provisioner(what)["PROVISIONER_URL"], password=password), "REDIS_URL": redis_url}


def _environment(what: Given, urls: Mapping[str, str], *, port: int) -> dict[str, str]:
    """What all processes know."""
    live = what.live_port or occupancy.free_port_after(port)
    always = {
        "KONTOR_HOME": str(what.home),
        "KONTOR_EMBEDDED": "1",
        "PYTHONUNBUFFERED": "1",
        "LIVE_PORT": str(live),
        "WORKER_STOP_SECONDS": _WORKER_STOP_SECONDS,
    }
    unless_set = {
        "SECRET_KEY": _secret(what.home, "secret"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "LIVE_URL": f"http://127.0.0.1:{live}/live",
    }
    return given.environment({**always, **urls, **given.defaults(unless_set)})


def _live_port(environment: Mapping[str, str]) -> int:
    return int(environment["LIVE_PORT"])


def _secret(home: Path, name: str) -> str:
    """Made once: with a new one, everybody would have to log in again."""
    path, new = home / name, home / f"{name}.new"
    if not path.exists():
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        new.rename(path)
    return path.read_text()


def _kontor(arguments: list[str], environment: Mapping[str, str]) -> str:
    """Run one command to its end, apart from the terminal's Ctrl-C, and return what it printed."""
    process = subprocess.Popen(
        [*tied.to_us(signal.SIGTERM), *_KONTOR, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, problems = process.communicate()
    finally:
        if process.poll() is None:
            process.terminate()
            _wait_or_kill(process)
    if process.returncode:
        sentence = f"`kontor {arguments[0]}` failed; what it said is above."
        raise CannotStart(f"{problems.strip()}\n\n{sentence}".strip())
    return out


@contextmanager
def _stopping(children: Children, progress: Progress) -> Iterator[None]:
    try:
        yield
    finally:
        progress.say("Stopping ...")
        children.stop()


def _wait_or_kill(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_ready(port: int, children: Children, web: Revival[Child]) -> None:
    deadline, answer = time.monotonic() + _READY_SECONDS, "nothing"
    while (answer := _readiness(port)) != "200":
        children.watch()
        if web.ends_in_a_row > _MOST_ENDS:
            raise CannotStart(f"The web server ended {web.ends_in_a_row} times; what it said is above.")
        if time.monotonic() > deadline:
            raise CannotStart(f"The web server was not ready in {_READY_SECONDS} s; it answered {answer}.")
        time.sleep(0.05)


def _readiness(port: int) -> str:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/readyz")
            return str(connection.getresponse().status)
    except OSError:
        return "nothing"


def _finish(children: Children, *, once: bool) -> int:
    # Ctrl-C is how one says that it is enough.
    with suppress(KeyboardInterrupt):
        while not once:
            children.watch()
            time.sleep(0.2)
    return 0


def _welcome(what: Given, demo: str, *, seconds: float) -> str:
    lines = [f"Kontor is ready after {seconds:.1f} s.", "", f"http://127.0.0.1:{what.port}", ""]
    for login in json.loads(demo)["logins"]:
        lines.append("   ".join(str(login[key]) for key in ("tenant", "email", "password")))
    lines += ["", f"Ctrl-C stops everything. The data is in {what.home}"]
    return "\n" + "".join(f"    {line}\n" if line else "\n" for line in lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
