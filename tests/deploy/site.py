"""Kontor as it stands on a server, on free ports and in a folder of its own: PostgreSQL, Valkey, PgBouncer, nginx, and
the processes of the product, each with its settings from the environment and nothing else.
"""

from __future__ import annotations

import hmac
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme

from deploy import ready
from deploy.local import clusters, embedded, tied
from tests.deploy.programs import DEPLOY, ROOT, program
from tests.deploy.visitor import Visitor
from tests.ports import free_ports, is_listened_to

KONTOR = [sys.executable, str(Path(sys.executable).with_name("kontor"))]
SECRET_KEY = "a secret that this machine alone knows"
PASSWORD = "ein Passwort für den Probebetrieb"
READY_SECONDS, STOP_SECONDS = 120, 75
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
LOGINS = ("kontor_platform", "kontor_app_main")


def owner_of(slug: str) -> str:
    return f"owner@{slug}.example"


def password_of(login: str) -> str:
    """As versions before the separate logins derived them, so that both know the same."""
    return hmac.new(SECRET_KEY.encode(), f"login:{login}".encode(), "sha256").hexdigest()


@dataclass
class Running:
    """One process and what it wrote."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self, *, within: float = STOP_SECONDS) -> int:
        """As a unit does: asked with SIGTERM, then waited for; the code with which it ended."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


@dataclass
class Site:
    folder: Path
    postgres: Path
    """The folder of its socket."""

    redis_url: str
    pooler_port: int
    tls_port: int
    plain_port: int
    live_port: int
    trust: ssl.SSLContext
    running: list[Running] = field(default_factory=list)

    @property
    def provisioner_url(self) -> str:
        return embedded.database_url(self.postgres)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.tls_port}"

    def settings(self) -> dict[str, str]:
        """The environment of a process, and nothing of the tests' own."""
        pooled = {login: f"postgresql://{login}:{password_of(login)}@127.0.0.1:{self.pooler_port}" for login in LOGINS}
        machine = {name: os.environ[name] for name in ("PATH", "PYTHONPYCACHEPREFIX") if name in os.environ}
        return machine | {
            "DATABASE_URL": f"{pooled[LOGINS[0]]}/kontor",
            "CELL_URL": f"{pooled[LOGINS[1]]}/kontor",
            "DIRECT_URL": self.provisioner_url.replace("//kontor@", f"//{LOGINS[0]}:{password_of(LOGINS[0])}@"),
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": SECRET_KEY,
            "PUBLIC_URL": self.url,
            "SMTP_URL": "smtp://127.0.0.1:9",
            "MAIL_FROM": "Kontor <kontor@localhost>",
            "TRUSTED_PROXIES": "1",
            "LIVE_URL": "/live",
            "FILES_URL": str(self.folder / "files"),
            "KONTOR_HOME": str(self.folder / "home"),
            "KONTOR_STOCK": "1",
            "WEB_PROCESSES": "1",
            "WEB_THREADS": "8",
            "LOG_FORMAT": "json",
            "MALLOC_ARENA_MAX": "1",
        }

    def kontor(self, *arguments: str) -> str:
        """One command of the product, with the login that may create; what it printed."""
        environment = self.settings() | {"PROVISIONER_URL": self.provisioner_url}
        done = subprocess.run([*KONTOR, *arguments], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, name: str, command: list[str], *, folder: Path = ROOT, **environment: str) -> Running:
        log = self.folder / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*tied.to_us(signal.SIGKILL), *command],
                cwd=folder,
                env=self.settings() | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(Running(name, process, log))
        return self.running[-1]

    def start_web(self, name: str) -> Running:
        """As its unit does: at a socket, and started only when it is ready."""
        address = f"unix:{self.folder / name}.sock"
        web = self.start(name, [*KONTOR, "web"], BIND=address)
        assert ready.main([address, "--wait", str(READY_SECONDS)]) == 0, web.log.read_text()
        return web

    def answers(self, address: str) -> bool:
        return is_listened_to(int(address.rpartition(":")[2])) and ready.main([address, "--path", "/healthz"]) == 0

    def named(self, name: str) -> Running:
        """The process that was started last under this name."""
        return next(one for one in reversed(self.running) if one.name == name)

    def lead_to(self, *addresses: str) -> None:
        """The proxy's way to the web processes; in force for every request that comes after this."""
        lines = "".join(f"    server {address} max_fails=0;\n" for address in addresses)
        text = (
            f"upstream kontor_web {{\n{lines}}}\nupstream kontor_live {{\n    server 127.0.0.1:{self.live_port};\n}}\n"
        )
        (self.folder / "kontor" / "upstreams.conf").write_text(text)

    def visitor(self, *, token: str = "") -> Visitor:
        return Visitor(self.tls_port, self.trust, token)

    def owner(self, slug: str = "acme") -> Visitor:
        """Logged in."""
        found = self.visitor()
        answer = found.fill_in("/login", email=owner_of(slug), password=PASSWORD)
        assert answer.status == 303, answer.text
        return found

    def token(self, slug: str) -> str:
        return self.kontor("tokens", "create", slug, "--user", owner_of(slug), "--scopes", "*").strip()

    def open_firm(self, slug: str) -> None:
        command = ["tenants", "create", slug, "--name", slug.title(), "--locale", "en"]
        self.kontor(*command, "--owner", owner_of(slug), "--password", PASSWORD)


def until(happened: Callable[[], object], what: str, *, seconds: float = READY_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.1)


@contextmanager
def site() -> Iterator[Site]:
    """Databases, pooler and proxy are up; the product is not yet."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="site-", dir=memory if os.access(memory, os.W_OK) else None))
    try:
        with ExitStack() as stack:
            made = _bare_site(folder, stack)
            stack.callback(_stop_all, made)
            stack.enter_context(_pooler(made))
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bare_site(folder: Path, stack: ExitStack) -> Site:
    (folder / "kontor").mkdir()
    stack.enter_context(embedded.postgres(folder / "pg", durable=False))
    redis_url = stack.enter_context(embedded.valkey(folder / "kv", durable=False))
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "tls.pem")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    ports = free_ports(4)
    return Site(folder, folder / "pg", redis_url, *ports, trust)


@contextmanager
def _pooler(made: Site) -> Iterator[None]:
    """The rules of deploy/pgbouncer/kontor.ini."""
    users = "".join(f'"{login}" "{password_of(login)}"\n' for login in LOGINS)
    (made.folder / "userlist.txt").write_text(users)
    settings = made.folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\nkontor = host={made.postgres} dbname=kontor\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {made.pooler_port}\nunix_socket_dir =\n"
        f"auth_file = {made.folder}/userlist.txt\n%include {DEPLOY}/pgbouncer/kontor.ini\n"
    )
    # It refuses root, as PostgreSQL does.
    command = [*clusters.unprivileged(made.folder), program("pgbouncer"), str(settings)]
    with _process(made, "pgbouncer", command, port=made.pooler_port):
        yield


@contextmanager
def proxy(made: Site, *addresses: str) -> Iterator[Running]:
    """deploy/nginx/nginx.conf, but for where things are, leading to these web processes."""
    made.lead_to(*addresses)
    (made.folder / "kontor" / "name.conf").write_text("server_name localhost;\n")
    certificate = f"ssl_certificate {made.folder}/tls.pem;\nssl_certificate_key {made.folder}/tls.pem;\n"
    (made.folder / "kontor" / "certificate.conf").write_text(certificate)
    (made.folder / "nginx.conf").write_text(_rules(made))
    command = [program("nginx"), "-e", "stderr", "-p", str(made.folder), "-c", str(made.folder / "nginx.conf")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    with _process(made, "nginx", [*command, "-g", "daemon off;"], port=made.tls_port) as running:
        yield running


def reload(running: Running) -> None:
    """New rules for whoever comes; requests that are under way end by the old ones."""
    before = _children(running.process.pid)
    running.process.send_signal(signal.SIGHUP)
    until(lambda: not before & _children(running.process.pid), "the proxy's new rules")


def _children(process: int) -> set[str]:
    return set(Path(f"/proc/{process}/task/{process}/children").read_text().split())


def _rules(made: Site) -> str:
    """Each change must find its place, so that the rules stay what is tried."""
    scratch = "".join(f"    {kind}_temp_path {made.folder}/{kind};\n" for kind in _TEMPORARY)
    changes = {
        "pid /run/nginx.pid;": f"pid {made.folder}/nginx.pid;" + (" user root;" if os.geteuid() == 0 else ""),
        "listen 443": f"listen 127.0.0.1:{made.tls_port}",
        "listen 80": f"listen 127.0.0.1:{made.plain_port}",
        "access_log /dev/stdout kontor;": f"access_log {made.folder}/access.log kontor;\n{scratch}",
        # There the port is the usual one, and nobody writes it.
        "proxy_set_header Host $host;": "proxy_set_header Host $host:$server_port;",
        "worker_processes auto;": "worker_processes 1;",
    }
    text = (DEPLOY / "nginx" / "nginx.conf").read_text()
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


@contextmanager
def _process(made: Site, name: str, command: list[str], *, port: int) -> Iterator[Running]:
    with (made.folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [*tied.to_us(signal.SIGTERM), *command],
            cwd=made.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    running = Running(name, process, made.folder / f"{name}.log")
    try:
        until(lambda: process.poll() is not None or is_listened_to(port), f"the start of {name}")
        assert process.poll() is None, running.log.read_text()
        yield running
    finally:
        running.stop()


def _stop_all(made: Site) -> None:
    for one in reversed(made.running):
        one.stop()
