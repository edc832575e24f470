"""The web server: threads for people who wait for the database, processes for the processor's cores."""

from config.settings import gunicorn_settings

_given = gunicorn_settings()

bind = f"127.0.0.1:{_given['port']}"
workers = _given["processes"]
threads = _given["threads"]
worker_class = "gthread"
preload_app = False

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
