"""The server of the live updates: one process in which any number of pages listen without a thread each."""

from config.settings import live_server_settings

bind = f"127.0.0.1:{live_server_settings()['port']}"
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
