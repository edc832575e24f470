"""The server of the live updates: one process in which any number of pages listen without a thread each."""

from config.server import LIVE_BIND, server_settings

bind = server_settings(default_bind=LIVE_BIND).bind
workers = 1
worker_class = "config.counting.Loop"
# Another one would read the sockets past those who count.
asgi_loop = "asyncio"
worker_connections = 10_000

timeout = 60
# Whoever listens comes back by itself.
graceful_timeout = 1
keepalive = 5

accesslog = None
errorlog = "-"
loglevel = "error"
control_socket_disable = True
