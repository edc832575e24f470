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
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from deploy.local import embedded, failures, given, occupancy, prepared, tied
from deploy.local.children import Child, Children
from deploy.local.failures import CannotStart
from deploy.local.given import ROOT, Given
from deploy.local.progress import Progress

_KONTOR = [sys.executable, str(Path(sys.executable).with_name("kontor"))]
_READY_SECONDS = 60
_MEGABYTES_FOR_A_CLUSTER = 200
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
    _stop_on_signals()
    with ExitStack() as house:
        house.enter_context(occupancy.the_only_one_on_its_port(what))
        environment, servers = house.enter_context(_databases(what, progress, port=what.port))
        logins = prepared.said_last_time(what) or _prepare(what, environment, progress)
        children = Children(environment=environment, folder=ROOT, progress=progress)
        house.enter_context(_stopping(children, progress))
        web, *others = _children()
        children.start(web)
        _wait_until_ready(what.port, lambda: _watch(children, servers))
        for child in others:
            children.start(child)
        progress.write(_welcome(what, logins, seconds=progress.seconds))
        return _finish(children, servers, once=once)


def _prepare(what: Given, environment: Mapping[str, str], progress: Progress) -> str:
    progress.say("Bringing the database up to date ...")
    _kontor(["migrate"], environment)
    logins = _kontor(["demo", "--json"], environment)
    prepared.remember(what, logins)
    return logins


def run_command(what: Given, arguments: list[str]) -> int:
    """The command line of the product, on the databases of the running house or on ones started for it."""
    with ExitStack() as house:
        try:
            house.enter_context(occupancy.the_only_one(what))
            quiet = Progress(stream=sys.stderr)
            environment, _ = house.enter_context(_databases(what, quiet, port=what.port))
        except occupancy.AlreadyRunning:
            environment = _environment(what, _urls(what), port=occupancy.last_port(what))
        return subprocess.run([*_KONTOR, *arguments], env=environment, check=False).returncode


def _children() -> list[Child]:
    return [
        Child("web", [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "wsgi:app"]),
        # A long job, or a stranger who is slow to answer, shall not keep anybody from being told.
        Child("forwarder", [*_KONTOR, "worker", *_lanes("turns", "bulk")]),
        Child("worker", [*_KONTOR, "worker", *_lanes("jobs", "webhooks", "bulk", "turns", "webhooks-again")]),
        Child("scheduler", [*_KONTOR, "scheduler"]),
        Child("live", [sys.executable, "-m", "gunicorn", "-c", "config/live_server.py", "app.live:create_app()"]),
    ]


def _lanes(*names: str) -> list[str]:
    """The first is emptied before the second is looked at."""
    return [argument for name in names for argument in ("--lane", name)]


@contextmanager
def _databases(what: Given, progress: Progress, *, port: int) -> Iterator[tuple[dict[str, str], list[embedded.Server]]]:
    """The environment for all other processes, and the databases that are ours to watch."""
    with ExitStack() as stack:
        servers = []
        if what.database_url is None:
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


def _urls(what: Given) -> dict[str, str]:
    return {
        "DATABASE_URL": what.database_url or embedded.database_url(what.postgres_folder),
        "REDIS_URL": what.redis_url or embedded.redis_url(what.valkey_folder),
    }


def _environment(what: Given, urls: Mapping[str, str], *, port: int) -> dict[str, str]:
    always = {"KONTOR_HOME": str(what.home), "PORT": str(port)}
    always |= {"KONTOR_EMBEDDED": "1", "PYTHONUNBUFFERED": "1"}
    live = what.live_port or occupancy.free_port_after(port)
    unless_set = {"SECRET_KEY": _secret_key(what.home), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    always["LIVE_PORT"] = str(live)
    unless_set |= {"LIVE_URL": f"http://127.0.0.1:{live}/live"}
    return given.environment({**always, **urls, **given.defaults(unless_set)})


def _secret_key(home: Path) -> str:
    """Made once: with a new one, everybody would have to log in again."""
    path, new = home / "secret", home / "secret.new"
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
            process.wait()
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


def _wait_until_ready(port: int, watch: Callable[[], None]) -> None:
    deadline, answer = time.monotonic() + _READY_SECONDS, "nothing"
    while (answer := _readiness(port)) != "200":
        watch()
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


def _watch(children: Children, servers: list[embedded.Server]) -> None:
    children.watch()
    for server in servers:
        if server.process.poll() is not None:
            raise CannotStart(f"{server.name} ended on its own; its last words are in {server.log}.")


def _finish(children: Children, servers: list[embedded.Server], *, once: bool) -> int:
    # Ctrl-C is how one says that it is enough.
    with suppress(KeyboardInterrupt):
        while not once:
            _watch(children, servers)
            time.sleep(0.2)
    return 0


def _welcome(what: Given, logins: str, *, seconds: float) -> str:
    lines = [f"Kontor is ready after {seconds:.1f} s.", "", f"http://127.0.0.1:{what.port}", ""]
    for login in json.loads(logins)["logins"]:
        lines.append("   ".join(str(login[key]) for key in ("tenant", "email", "password")))
    lines += ["", f"Ctrl-C stops everything. The data is in {what.home}"]
    return "\n" + "".join(f"    {line}\n" if line else "\n" for line in lines) + "\n"


def _stop_on_signals() -> None:
    for number in _SIGNALS:
        # What our starter ignores (nohup), we ignore too.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    # Once is enough: a second Ctrl-C must not disturb the stopping.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
