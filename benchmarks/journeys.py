"""What takes more than one request: signing a firm up, importing a list."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from redis import Redis

from benchmarks import data, processes
from benchmarks.client import Client, Request
from benchmarks.drive import Block, Target
from benchmarks.sizes import PASSWORD, SLUG
from tenants import counting

_PATIENCE_SECONDS = 300
_LOOK_AGAIN_SECONDS = 0.02
_LINK = re.compile(r"/signup/confirm/\S+")


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What the product needs beside its web server."""

    target: Target
    database_url: str
    redis_url: str
    worker: int


def sign_up(journey: Journey, number: int) -> Block:
    """From the form that is sent to the firm's own first page."""
    client = Client(journey.target.side.port)
    client.begin("/signup")
    email = f"nele{number}@newcomer-{number}.example"
    form = {"firm": f"Newcomer {number}", "name": "Nele Neumann", "email": email}
    forget_limits(journey.redis_url)
    return _measured(journey, lambda: _ask_and_confirm(journey, client, email, {**form, "locale": "de"}))


def import_list(journey: Journey, rows: int, number: int) -> Block:
    """From the file that is sent to the last row that is saved, with what the worker does."""
    file = data.list_to_import(rows, seed=f"import {number}")
    client = journey.target.clients[0]
    return _measured(journey, lambda: import_and_wait(client, file, database_url=journey.database_url, slug=SLUG))


def copy_list(target: Target, rows: int, number: int) -> Block:
    """The same on the floor: one request, two COPY."""
    file = data.list_to_import(rows, seed=f"import {number}")
    return target.run([Request(path=f"/{SLUG}/imports/new", form={}, file=file)], at_once=1)


def _measured(journey: Journey, work: Callable[[], Sequence[int]]) -> Block:
    web, database = journey.target.cpu()
    worker = processes.cpu_seconds(processes.family(journey.worker))
    began = time.perf_counter()
    sizes = work()
    seconds = time.perf_counter() - began
    web_after, database_after = journey.target.cpu()
    worker_after = processes.cpu_seconds(processes.family(journey.worker))
    return Block(
        requests=1,
        web_seconds=web_after - web + worker_after - worker,
        database_seconds=database_after - database,
        times=[("", seconds)],
        sizes=sizes,
    )


def _ask_and_confirm(journey: Journey, client: Client, email: str, form: dict[str, str]) -> list[int]:
    asked = client.send(Request(path="/signup", form=form))
    with psycopg.connect(journey.database_url, autocommit=True) as connection:
        row = connection.execute("SELECT body FROM platform.mails WHERE recipient = %s", [email]).fetchone()
    found = _LINK.search(row[0]) if row else None
    if found is None:
        raise RuntimeError("The sign-up sent no link.")
    client.begin(found[0])
    opened = client.send(Request(path=found[0], form={"password": PASSWORD}))
    home = client.send(Request(path=opened.location))
    return [asked.size + opened.size + home.size]


def forget_limits(redis_url: str) -> None:
    """One firm signs up ten others an hour at most; we are a hundred firms."""
    redis: Redis = Redis.from_url(redis_url)
    for key in redis.scan_iter(counting.EVERY):
        redis.delete(key)


def import_and_wait(client: Client, file: bytes, *, database_url: str, slug: str) -> list[int]:
    """Bytes that were answered, once the last row is in."""
    sent = client.send(Request(path=f"/{slug}/imports/new", form={"entity": "contact"}, file=file))
    columns = client.send(Request(path=sent.location))
    import_id = sent.location.rsplit("/", 1)[1]
    with psycopg.connect(database_url, autocommit=True) as connection:
        schema, mapping = _draft(connection, import_id, slug=slug)
        form = {"column": mapping}
        started = client.send(Request(path=f"{sent.location}/start", form=form))
        _wait(connection, schema, import_id)
    return [sent.size + columns.size + started.size]


def _draft(connection: psycopg.Connection, import_id: str, *, slug: str) -> tuple[str, list[str]]:
    """The schema, and which column is proposed for which field once a worker has read the list."""
    row = connection.execute("SELECT pg_schema FROM platform.tenants WHERE slug = %s", [slug]).fetchone()
    schema = str(row[0]) if row else ""
    return schema, list(_once_it_is("draft", connection, schema, import_id)[0])


def _wait(connection: psycopg.Connection, schema: str, import_id: str) -> None:
    _, refused = _once_it_is("done", connection, schema, import_id)
    if refused:
        raise RuntimeError(f"The import refused {refused} rows.")


def _once_it_is(state: str, connection: psycopg.Connection, schema: str, import_id: str) -> tuple[Any, int]:
    """Columns and number of refused rows of the import."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    asked = f"SELECT mapping, refused FROM {schema}.imports WHERE id = %s AND state = %s".encode()
    while (row := connection.execute(asked, [import_id, state]).fetchone()) is None:
        if time.monotonic() > deadline:
            raise RuntimeError(f"The import did not become {state}.")
        time.sleep(_LOOK_AGAIN_SECONDS)
    return row[0], row[1]
