"""The web server: threads for people who wait for the database, processes for the processor's cores."""

import gc
from typing import Any

from config.settings import WEB_BIND, server_settings

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

timeout = 60
graceful_timeout = 8
keepalive = 5
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
