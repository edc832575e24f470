"""The web server: threads for people who wait for the database, processes for the processor's cores."""

import gc
import os
import resource
from collections.abc import Callable
from typing import Any

from config.closing import let_nobody_in
from config.server import WEB_BIND, server_settings
from config.server_limits import server_limits

_given = server_settings(default_bind=WEB_BIND)

bind = _given.bind
workers = _given.processes
threads = _given.threads
# Threads as gunicorn has them, with every byte counted.
worker_class = "config.counting.Threads"
# Loaded once and shared by all processes; nothing connects to a database or draws an id before they part.
preload_app = True

# The address of a list carries its filter, twice quoted on the way to its columns.
limit_request_line = 8190

# What a proxy says of the client counts by TRUSTED_PROXIES (app/factory.py). gunicorn would believe whoever is on this
# machine, so everybody whom a proxy here passes on, that we stand below a path or speak TLS.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

timeout = 60
# A request of ten seconds comes to its end, and so does whoever takes an answer over a bad line.
graceful_timeout = 30
keepalive = 5
worker_connections = server_limits().connections

# Each client has a connection, and maybe a file of which it takes its time.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_wanted = 2 * worker_connections + 256
_allowed = _wanted if _hard == resource.RLIM_INFINITY else min(_wanted, _hard)
resource.setrlimit(resource.RLIMIT_NOFILE, (max(_soft, _allowed), _hard))
# A process gives its memory back by ending; the jitter keeps two from ending at once.
max_requests = 10_000
max_requests_jitter = 2_000

# The application writes one record per request; gunicorn's own line would tell the same with the query in it.
accesslog = None
errorlog = "-"
loglevel = "warning"

# It would lie in the home folder of whoever starts us, shared by every house of that person.
control_socket_disable = True


def pre_fork(_server: Any, _worker: Any) -> None:
    """What is loaded by now stays for ever: the collector need not touch it, so that it stays shared."""
    gc.collect()
    gc.freeze()


def when_ready(server: Any) -> None:
    """The sockets are closed before the processes are told to stop: by then nobody comes in any more."""
    for listener in server.LISTENERS:
        listener.close = _closing(server, listener)


def _closing(server: Any, listener: Any) -> Callable[[], None]:
    close, master = listener.close, os.getpid()

    def close_to_newcomers_first() -> None:
        # Workers inherit this, and each may end alone; systemd and a master that takes over go on with the socket.
        is_ours = os.getpid() == master and not server.systemd and server.reexec_pid == server.master_pid == 0
        if is_ours and listener.sock is not None:
            let_nobody_in(listener.sock)
        close()

    return close_to_newcomers_first
